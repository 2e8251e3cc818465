// The made-up state's tree: 63 departments with their directorates, corporations and councils, and, where they work in the
// field, divisions, districts and offices. The same at every size of the state.

import type { BothNames } from './names.ts';
import { DIVISION_LIST } from './places.ts';
import type { Staffing } from './posts.ts';

export type DepartmentKind =
  | 'state'
  | 'department'
  | 'directorate'
  | 'corporation'
  | 'council'
  | 'division'
  | 'district'
  | 'office';

export interface Department extends BothNames {
  readonly id: string;
  readonly kind: DepartmentKind;
  readonly parent?: string;
}

/** A department with the places where its people sit. */
export interface Branch {
  readonly id: string;
  /** How many people, against the other departments. */
  readonly weight: number;
  readonly staffing: Staffing;
  /** The department itself and what stands directly below it. */
  readonly heads: readonly string[];
  /** Node ids of its districts, in the order of DISTRICTS; none where it has no field. */
  readonly districts: readonly string[];
  /** An office in each district. */
  readonly offices: readonly string[];
}

export const STATE = 'state';

/** A body that came under another department in the ninth month. */
export const MOVE = { id: 'agricultural-marketing.council', parent: 'agriculture', month: 8 } as const;

/** `id|English|हिन्दी|weight|staffing|body below it: kind, English, हिन्दी|office in each district: English, हिन्दी` */
const LIST = `
health|Medical Health and Family Welfare|चिकित्सा स्वास्थ्य एवं परिवार कल्याण|150|health|directorate,Directorate of Health Services,स्वास्थ्य सेवा निदेशालय|Community Health Centre,सामुदायिक स्वास्थ्य केन्द्र
home|Home|गृह|170|police|directorate,Police Headquarters,पुलिस मुख्यालय|Police Line,पुलिस लाइन
panchayati-raj|Panchayati Raj|पंचायती राज|85|panchayat|directorate,Directorate of Panchayati Raj,पंचायती राज निदेशालय|Block Office,खण्ड कार्यालय
basic-education|Basic Education|बेसिक शिक्षा|190|school|directorate,Directorate of Basic Education,बेसिक शिक्षा निदेशालय|Cluster Resource Centre,संकुल संसाधन केन्द्र
secondary-education|Secondary Education|माध्यमिक शिक्षा|60|school|directorate,Directorate of Secondary Education,माध्यमिक शिक्षा निदेशालय|Government Inter College,राजकीय इण्टर कॉलेज
urban-development|Urban Development|नगर विकास|70|municipal|directorate,Directorate of Local Bodies,स्थानीय निकाय निदेशालय|
women-and-child|Women and Child Development|महिला एवं बाल विकास|80|children|directorate,Directorate of Child Development,बाल विकास निदेशालय|
revenue|Revenue|राजस्व|45|revenue|council,Board of Revenue,राजस्व परिषद|
public-works|Public Works|लोक निर्माण|22|works|directorate,Office of the Engineer-in-Chief,प्रमुख अभियन्ता कार्यालय|
irrigation|Irrigation and Water Resources|सिंचाई एवं जल संसाधन|20|works|directorate,Directorate of Irrigation,सिंचाई निदेशालय|
energy|Energy|ऊर्जा|24|works|corporation,Power Corporation,विद्युत निगम|
rural-development|Rural Development|ग्राम्य विकास|20|field|directorate,Directorate of Rural Development,ग्राम्य विकास निदेशालय|
agriculture|Agriculture|कृषि|18|field|directorate,Directorate of Agriculture,कृषि निदेशालय|
animal-husbandry|Animal Husbandry|पशुधन|10|field|directorate,Directorate of Animal Husbandry,पशुपालन निदेशालय|
forest|Environment and Forest|पर्यावरण एवं वन|10|field|directorate,Office of the Forest Chief,वन मुख्यालय|
transport|Transport|परिवहन|14|field|corporation,Road Transport Corporation,सड़क परिवहन निगम|
food|Food and Civil Supplies|खाद्य एवं रसद|9|field|directorate,Directorate of Civil Supplies,नागरिक आपूर्ति निदेशालय|
social-welfare|Social Welfare|समाज कल्याण|8|field|directorate,Directorate of Social Welfare,समाज कल्याण निदेशालय|
labour|Labour and Employment|श्रम एवं सेवायोजन|7|field|directorate,Office of the Labour Commissioner,श्रमायुक्त कार्यालय|
state-tax|State Tax|राज्य कर|9|field|directorate,Office of the Tax Commissioner,कर आयुक्त कार्यालय|
excise|Excise|आबकारी|4||directorate,Office of the Excise Commissioner,आबकारी आयुक्त कार्यालय|
stamps|Stamps and Registration|स्टाम्प एवं पंजीयन|3||directorate,Directorate of Registration,निबन्धन निदेशालय|
finance|Finance|वित्त|5||directorate,Directorate of Treasuries,कोषागार निदेशालय|
planning|Planning|नियोजन|3||directorate,Directorate of Statistics,अर्थ एवं संख्या निदेशालय|
personnel|Appointment and Personnel|नियुक्ति एवं कार्मिक|4||directorate,Academy of Administration,प्रशासन अकादमी|
general-administration|General Administration|सामान्य प्रशासन|2|||
secretariat-administration|Secretariat Administration|सचिवालय प्रशासन|6|||
law|Law|विधि|3|||
parliamentary-affairs|Parliamentary Affairs|संसदीय कार्य|1|||
information|Information|सूचना|2||directorate,Directorate of Information,सूचना निदेशालय|
information-technology|Information Technology and Electronics|सूचना प्रौद्योगिकी एवं इलेक्ट्रॉनिक्स|3||corporation,Electronics Corporation,इलेक्ट्रॉनिक्स निगम|
higher-education|Higher Education|उच्च शिक्षा|8||directorate,Directorate of Higher Education,उच्च शिक्षा निदेशालय|
technical-education|Technical Education|प्राविधिक शिक्षा|6||council,Council of Technical Education,प्राविधिक शिक्षा परिषद|
vocational-education|Vocational Education and Skill Development|व्यावसायिक शिक्षा एवं कौशल विकास|5||council,Council of Vocational Training,व्यावसायिक प्रशिक्षण परिषद|
medical-education|Medical Education|चिकित्सा शिक्षा|9||directorate,Directorate of Medical Education,चिकित्सा शिक्षा निदेशालय|
ayush|Ayush|आयुष|6||directorate,Directorate of Ayurveda,आयुर्वेद निदेशालय|
food-safety|Food Safety and Drug Administration|खाद्य सुरक्षा एवं औषधि प्रशासन|3||directorate,Office of the Food Safety Commissioner,खाद्य सुरक्षा आयुक्त कार्यालय|
housing|Housing and Urban Planning|आवास एवं शहरी नियोजन|5||council,Housing Development Council,आवास विकास परिषद|
rural-water|Rural Water Supply|ग्रामीण जलापूर्ति|5||corporation,Water Corporation,जल निगम|
minor-irrigation|Minor Irrigation|लघु सिंचाई|4||directorate,Directorate of Minor Irrigation,लघु सिंचाई निदेशालय|
horticulture|Horticulture and Food Processing|उद्यान एवं खाद्य प्रसंस्करण|4||directorate,Directorate of Horticulture,उद्यान निदेशालय|
agricultural-education|Agricultural Education and Research|कृषि शिक्षा एवं अनुसंधान|3||council,Council of Agricultural Research,कृषि अनुसंधान परिषद|
agricultural-marketing|Agricultural Marketing|कृषि विपणन|4||council,Market Council,मण्डी परिषद|
cooperatives|Cooperatives|सहकारिता|5||directorate,Office of the Registrar,निबन्धक कार्यालय|
sugar|Sugar Industry and Cane Development|चीनी उद्योग एवं गन्ना विकास|5||corporation,Sugar Corporation,चीनी निगम|
dairy|Dairy Development|दुग्ध विकास|3||directorate,Directorate of Dairy Development,दुग्ध विकास निदेशालय|
fisheries|Fisheries|मत्स्य|2||directorate,Directorate of Fisheries,मत्स्य निदेशालय|
industry|Infrastructure and Industrial Development|अवस्थापना एवं औद्योगिक विकास|3||corporation,Industrial Development Corporation,औद्योगिक विकास निगम|
small-industry|Micro, Small and Medium Enterprises|सूक्ष्म, लघु एवं मध्यम उद्यम|3||directorate,Directorate of Industries,उद्योग निदेशालय|
handloom|Handloom and Textiles|हथकरघा एवं वस्त्रोद्योग|2||corporation,Handloom Corporation,हथकरघा निगम|
khadi|Khadi and Village Industries|खादी एवं ग्रामोद्योग|2||council,Khadi Council,खादी परिषद|
mining|Geology and Mining|भूतत्व एवं खनिकर्म|2||directorate,Directorate of Mining,खनिकर्म निदेशालय|
civil-aviation|Civil Aviation|नागरिक उड्डयन|1||directorate,Directorate of Civil Aviation,नागरिक उड्डयन निदेशालय|
tourism|Tourism|पर्यटन|2||corporation,Tourism Corporation,पर्यटन निगम|
culture|Culture|संस्कृति|2||directorate,Directorate of Culture,संस्कृति निदेशालय|
language|Language|भाषा|1||council,Hindi Council,हिन्दी परिषद|
sports|Sports|खेल|2||directorate,Directorate of Sports,खेल निदेशालय|
youth|Youth Welfare|युवा कल्याण|3||directorate,Directorate of Youth Welfare,युवा कल्याण निदेशालय|
backward-classes|Backward Classes Welfare|पिछड़ा वर्ग कल्याण|3||directorate,Directorate of Backward Classes Welfare,पिछड़ा वर्ग कल्याण निदेशालय|
minorities|Minorities Welfare|अल्पसंख्यक कल्याण|3||directorate,Directorate of Minorities Welfare,अल्पसंख्यक कल्याण निदेशालय|
disabilities|Empowerment of Persons with Disabilities|दिव्यांगजन सशक्तीकरण|3||directorate,Directorate of Empowerment,दिव्यांगजन सशक्तीकरण निदेशालय|
prisons|Prison Administration and Reform|कारागार प्रशासन एवं सुधार|5||directorate,Prison Headquarters,कारागार मुख्यालय|
science|Science and Technology|विज्ञान एवं प्रौद्योगिकी|1||council,Council of Science and Technology,विज्ञान एवं प्रौद्योगिकी परिषद|`;

const nodes: Department[] = [{ id: STATE, kind: 'state', en: 'Surya Pradesh (made up)', hi: 'सूर्य प्रदेश (काल्पनिक)' }];

export const BRANCHES: readonly Branch[] = LIST.trim().split('\n').map(branchOf);
/** Parents before their children. */
export const DEPARTMENTS: readonly Department[] = nodes;

function branchOf(line: string): Branch {
  const [id, en, hi, weight, staffing, body, office] = line.split('|') as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  nodes.push({ id, kind: 'department', parent: STATE, en, hi });
  const heads = [id];
  if (body) {
    const [kind, bodyEn, bodyHi] = body.split(',') as [DepartmentKind, string, string];
    nodes.push({ id: `${id}.${kind}`, kind, parent: id, en: bodyEn, hi: bodyHi });
    heads.push(`${id}.${kind}`);
  }
  const field = staffing ? fieldOf(id, heads[1]!, { en, hi }, office) : { districts: [], offices: [] };
  return { id, weight: Number(weight), staffing: (staffing || 'office') as Staffing, heads, ...field };
}

function fieldOf(id: string, below: string, name: BothNames, office: string) {
  const districts: string[] = [];
  const offices: string[] = [];
  for (const division of DIVISION_LIST) {
    const seat = `${id}.division.${division.id}`;
    nodes.push({
      id: seat,
      kind: 'division',
      parent: below,
      en: `${name.en}, ${division.en} division`,
      hi: `${name.hi}, ${division.hi} मण्डल`,
    });
    for (const place of division.districts) {
      const district = `${id}.${place.id}`;
      nodes.push({
        id: district,
        kind: 'district',
        parent: seat,
        en: `${name.en}, ${place.en}`,
        hi: `${name.hi}, ${place.hi}`,
      });
      districts.push(district);
      if (!office) continue;
      const [officeEn, officeHi] = office.split(',');
      nodes.push({
        id: `${district}.office`,
        kind: 'office',
        parent: district,
        en: `${officeEn}, ${place.en}`,
        hi: `${officeHi}, ${place.hi}`,
      });
      offices.push(`${district}.office`);
    }
  }
  return { districts, offices };
}
