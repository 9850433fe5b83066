/** A QR code as a picture in the page: plain SVG, which the site's content policy lets through. */
import qrcode from 'qrcode-generator';
import type { FC } from 'hono/jsx';

/** Light modules that a reader needs around the code. */
const margin = 4;
const pixelsPerModule = 4;

/** Dark on light in every colour scheme, because not all readers take the reverse. `label` is for those who do not see it. */
export const QrCode: FC<{ text: string; label: string }> = ({ text, label }) => {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const count = code.getModuleCount();
  const size = count + 2 * margin;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width={size * pixelsPerModule}
      height={size * pixelsPerModule}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={darkModules(count, (row, column) => code.isDark(row, column))} fill="#000" />
    </svg>
  );
};

/** A bar for each run of dark modules in a row. */
function darkModules(count: number, isDark: (row: number, column: number) => boolean): string {
  const bars: string[] = [];
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const start = column;
      while (column < count && isDark(row, column)) column++;
      const length = column - start;
      if (length > 0) bars.push(`M${start + margin} ${row + margin}h${length}v1h-${length}z`);
    }
  }
  return bars.join('');
}
