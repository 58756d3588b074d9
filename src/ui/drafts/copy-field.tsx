/** A value to be handed on, and a button that copies it. */
import { Check, Copy } from "lucide";
import { useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { copyText } from "../dialogs/copy.ts";
import { Icon } from "../icon.tsx";

export function CopyField({ label, value }: { label: string; value: string }) {
	const model = useModel();
	const [copied, setCopied] = useState("");
	const isCopied = copied === value;
	return (
		<label class="copy-field">
			<span>{label}</span>
			<span>
				<input
					readOnly
					value={value}
					onFocus={(event) => event.currentTarget.select()}
				/>
				<button
					type="button"
					class="quiet only-icon"
					aria-label={isCopied ? `${label} copied` : `Copy: ${label}`}
					title={isCopied ? "Copied" : "Copy"}
					onClick={() =>
						model.attempt(`${label} could not be copied`, async () => {
							await copyText(value);
							setCopied(value);
							model.say(`${label} copied`);
						})
					}
				>
					<Icon of={isCopied ? Check : Copy} size={16} />
				</button>
			</span>
		</label>
	);
}
