/** Notices, on top of the place they are about; each stays until it is dismissed. */
import { CircleAlert, Info, X } from "lucide";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";

export function Notices() {
	const model = useModel();
	return (
		<div class="notices" role="alert">
			{model.notices.value.map((notice) => (
				<div key={notice.id} class={`notice ${notice.tone}`}>
					<Icon of={notice.tone === "fail" ? CircleAlert : Info} />
					<p>
						<b>{notice.title}.</b> {notice.detail}
					</p>
					<button
						type="button"
						class="ghost only-icon"
						aria-label={`Dismiss: ${notice.title}`}
						onClick={() => model.dismiss(notice.id)}
					>
						<Icon of={X} />
					</button>
				</div>
			))}
		</div>
	);
}
