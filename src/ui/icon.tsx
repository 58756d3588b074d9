/** A lucide icon as SVG elements. Always beside a word or on a control with a label, so it is hidden from readers. */
import type { IconNode } from "lucide";
import { h } from "preact";

export function Icon({ of, size = 18 }: { of: IconNode; size?: number }) {
	return (
		<svg
			class="icon"
			aria-hidden="true"
			width={size}
			height={size}
			viewBox="0 0 24 24"
		>
			{of.map(([tag, attributes]) => h(tag, attributes))}
		</svg>
	);
}
