// A certificate as a PDF of one page, small enough to be written by hand: what the demo attaches to a statement.

/** Plain letters, digits and spaces only: PDF strings need escaping for anything else. */
export function certificate(employee: string, course: string): Uint8Array<ArrayBuffer> {
  const line = (size: number, y: number, text: string): string => `BT /F1 ${size} Tf 60 ${y} Td (${text}) Tj ET`;
  const page = [
    line(24, 300, 'Certificate of completion'),
    line(16, 250, `Employee ${employee}`),
    line(16, 220, `has completed ${course}`),
  ].join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 420] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let pdf = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const offset = pdf.length;
    pdf += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const table = pdf.length;
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  pdf += offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  pdf += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return new TextEncoder().encode(pdf);
}
