/** A QR code as one SVG path. */
import { encodeQR } from "qr";

/** Dark modules as a path in a square of `size` units, with the quiet zone of four modules that scanners need. */
export function qrPath(text: string): { path: string; size: number } {
	const rows = encodeQR(text, "raw", { ecc: "low", border: 4 });
	let path = "";
	rows.forEach((row, y) => {
		for (let x = 0; x < row.length; x++) {
			if (row[x] !== true) continue;
			const from = x;
			while (row[x + 1] === true) x++;
			path += `M${from} ${y}h${x - from + 1}v1H${from}z`;
		}
	});
	return { path, size: rows.length };
}
