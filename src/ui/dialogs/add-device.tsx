/** Add a device: a QR code and a link that admit one, and a place for a link that somebody else made. */
import { Check, Copy, Laptop, Link2, TriangleAlert } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { explain } from "../notices.ts";
import { DeviceMark } from "../shell/device-mark.tsx";
import { devicesOf } from "../shell/devices.ts";
import { copyText } from "./copy.ts";
import { Dialog } from "./dialog.tsx";
import { onlyThisComputer } from "./invite-address.ts";
import { qrPath } from "./qr-path.ts";

type Invite =
	| { readonly state: "coming" }
	| { readonly state: "here"; readonly link: string }
	| { readonly state: "failed"; readonly reason: string };

export function AddDevice() {
	const model = useModel();
	const status = model.status.value;
	const devices = status === null ? 0 : devicesOf(status).length;
	return (
		<Dialog title="Add a device" kind="add-device">
			{/* A link admits one device: when it came there is a new one. */}
			<NewLink key={devices} />
			<NewDevices />
			<JoinForm />
		</Dialog>
	);
}

function NewLink() {
	const model = useModel();
	const [invite, setInvite] = useState<Invite>({ state: "coming" });
	useEffect(() => {
		let gone = false;
		model.shoal.invite().then(
			(link) => {
				if (!gone) setInvite({ state: "here", link });
			},
			(error: unknown) => {
				if (!gone)
					setInvite({ state: "failed", reason: explain("", error).detail });
			},
		);
		return () => {
			gone = true;
		};
	}, [model]);
	if (invite.state === "here") return <Link link={invite.link} />;
	if (invite.state === "coming") return <p class="muted">Making a link…</p>;
	return (
		<p class="warn-text" role="alert">
			<Icon of={TriangleAlert} /> A link could not be made. {invite.reason}
		</p>
	);
}

function Link({ link }: { link: string }) {
	const model = useModel();
	const [copied, setCopied] = useState(false);
	const local = onlyThisComputer(link);
	const code = qrPath(link);
	return (
		<div class={`invite ${local ? "local" : ""}`}>
			{local ? (
				<p class="warn-text">
					<Icon of={Laptop} />
					<span>
						<b>Only this computer can join with this link.</b> Open it in
						another browser here. For phones and other computers, start Shoal
						with <code>npm start -- --lan</code>.
					</span>
				</p>
			) : (
				<>
					<svg
						class="qr"
						role="img"
						aria-label="QR code of the link below"
						viewBox={`0 0 ${code.size} ${code.size}`}
						shape-rendering="crispEdges"
					>
						<path d={code.path} />
					</svg>
					<p class="lead">
						Scan it with the other device's camera, or open the link there.
					</p>
				</>
			)}
			<div class="link-field">
				<input
					aria-label="Link"
					readOnly
					value={link}
					onFocus={(event) => event.currentTarget.select()}
				/>
				<button
					type="button"
					class="primary"
					onClick={() =>
						model.attempt("The link could not be copied", async () => {
							await copyText(link);
							setCopied(true);
							model.say("Link copied");
						})
					}
				>
					<Icon of={copied ? Check : Copy} size={16} />
					{copied ? "Copied" : "Copy"}
				</button>
			</div>
			<p class="hint">
				It admits one device and works for 24 hours, while any device of this
				swarm is awake. Who has the link can read your documents: give it only
				to people you trust.
			</p>
		</div>
	);
}

/** Devices that came while the dialog was open. */
function NewDevices() {
	const model = useModel();
	const status = model.status.value;
	const before = useRef<ReadonlySet<string> | null>(null);
	if (status === null) return null;
	const devices = devicesOf(status);
	before.current ??= new Set(devices.map((device) => device.device));
	const known = before.current;
	const came = devices.filter((device) => !known.has(device.device));
	return (
		<ul class="came" aria-live="polite">
			{came.map((device) => (
				<li key={device.device}>
					<DeviceMark device={device.device} name={device.name} />
					<b>{device.name}</b> is here
				</li>
			))}
		</ul>
	);
}

function JoinForm() {
	const model = useModel();
	const [link, setLink] = useState("");
	return (
		<form
			class="join"
			onSubmit={(event) => {
				event.preventDefault();
				const invite = link.trim();
				if (invite === "") return;
				model.close();
				model.attempt("Joining did not work", async () => {
					await model.shoal.join(invite);
					model.say("Joined");
				});
			}}
		>
			<label for="join-link">Or join with a link from another device</label>
			<div class="link-field">
				<input
					id="join-link"
					value={link}
					placeholder="Paste the link"
					autocomplete="off"
					spellcheck={false}
					onInput={(event) => setLink(event.currentTarget.value)}
				/>
				<button type="submit" class="quiet">
					<Icon of={Link2} size={16} /> Join
				</button>
			</div>
			<p class="hint">
				The swarm you are in now is kept, with its documents; come back to it by
				its name at the top.
			</p>
		</form>
	);
}
