// Common given and family names of northern India in both scripts, put together at random: nobody in particular.

import type { Chance } from '../chance.ts';

export interface BothNames {
  readonly hi: string;
  readonly en: string;
}

const WOMEN = table(`
  Asha आशा|Sunita सुनीता|Kavita कविता|Pooja पूजा|Geeta गीता|Usha उषा|Saroj सरोज|Neha नेहा|Anita अनीता|Meena मीना|Rekha रेखा
  Savitri सावित्री|Kiran किरण|Manju मंजू|Seema सीमा|Rukhsana रुखसाना|Farida फ़रीदा|Nasreen नसरीन|Shabnam शबनम|Zainab ज़ैनब
  Mary मैरी|Sushila सुशीला|Shanti शान्ति|Poonam पूनम|Vandana वन्दना|Archana अर्चना|Preeti प्रीति|Mamta ममता|Lata लता|Reena रीना
  Sangeeta संगीता|Nirmala निर्मला|Kusum कुसुम|Babita बबीता|Priyanka प्रियंका|Anju अंजू|Radha राधा|Ruby रूबी|Shalini शालिनी|Deepa दीपा`);

const MEN = table(`
  Ramesh रमेश|Anil अनिल|Vijay विजय|Rajesh राजेश|Mohan मोहन|Ashok अशोक|Sanjay संजय|Prakash प्रकाश|Deepak दीपक|Imran इमरान
  Vikram विक्रम|Harish हरीश|Manoj मनोज|Rahul राहुल|Suresh सुरेश|Dinesh दिनेश|Mahesh महेश|Santosh संतोष|Pramod प्रमोद|Vinod विनोद
  Arvind अरविन्द|Gurpreet गुरप्रीत|Salim सलीम|Thomas थॉमस|Joseph जोसेफ़|Naresh नरेश|Mukesh मुकेश|Rakesh राकेश|Ajay अजय|Alok आलोक
  Brijesh बृजेश|Chandan चन्दन|Devendra देवेन्द्र|Faizan फ़ैज़ान|Girish गिरीश|Hemant हेमन्त|Jagdish जगदीश|Kailash कैलाश|Lalit ललित|Nadeem नदीम`);

const FAMILIES = table(`
  Verma वर्मा|Kumar कुमार|Yadav यादव|Singh सिंह|Tripathi त्रिपाठी|Khan ख़ान|Mishra मिश्रा|Gupta गुप्ता|Chauhan चौहान|Rawat रावत
  Sharma शर्मा|Rahman रहमान|Patel पटेल|Srivastava श्रीवास्तव|Ali अली|Rathore राठौर|Ansari अंसारी|Bhatt भट्ट|Pandey पाण्डेय|Tirkey तिर्की
  Qureshi क़ुरैशी|Tiwari तिवारी|Mehta मेहता|Siddiqui सिद्दीक़ी|Soren सोरेन|Maurya मौर्य|Saxena सक्सेना|Dubey दुबे|Shukla शुक्ला|Prajapati प्रजापति
  Kushwaha कुशवाहा|Gautam गौतम|Nishad निषाद|Bharti भारती|Joshi जोशी|Agarwal अग्रवाल|Rawal रावल|Kannaujia कन्नौजिया|Lal लाल|Das दास`);

export function nameOf(fortune: Chance, female: boolean): BothNames {
  const given = fortune.pick(female ? WOMEN : MEN);
  const family = fortune.pick(FAMILIES);
  return { hi: `${given.hi} ${family.hi}`, en: `${given.en} ${family.en}` };
}

function table(text: string): readonly BothNames[] {
  return text
    .split(/[|\n]/)
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const [en, hi] = entry.split(' ');
      return { hi: hi!, en: en! };
    });
}
