/** Earlier questions; each opens again with its report, whoever asked it. */
import { ChevronRight, Plus } from "lucide";
import { useState } from "preact/hooks";
import type { JobInfo } from "../../node/api.ts";
import { useModel } from "../context.ts";
import { moment } from "../format.ts";
import { Icon } from "../icon.tsx";
import { useWide } from "../shell/use-wide.ts";
import "./history.css";

const words: Record<JobInfo["state"], string> = {
	working: "working",
	done: "",
	cancelled: "stopped",
	failed: "did not finish",
};

export function History() {
	const model = useModel();
	const column = useWide(761);
	const [open, setOpen] = useState(false);
	const status = model.status.value;
	const jobs = [...(status?.jobs ?? [])].sort(
		(a, b) => b.createdAt - a.createdAt,
	);
	if (status === null || jobs.length === 0) return null;
	const route = model.route.value;
	const current = route.place === "job" ? route.job : null;
	const now = Date.now();
	return (
		<section class="history" aria-label="Questions">
			<h2>
				{column ? (
					"Questions"
				) : (
					<button
						type="button"
						class="plain fold"
						aria-expanded={open}
						onClick={() => setOpen(!open)}
					>
						<Icon of={ChevronRight} size={16} />
						Questions <small>{jobs.length}</small>
					</button>
				)}
				{current !== null && (
					<a class="new" href="#/">
						<Icon of={Plus} size={16} /> New
					</a>
				)}
			</h2>
			{(column || open) && (
				<ol>
					{jobs.map((job) => (
						<li key={job.id}>
							<a
								href={`#/job/${job.id}`}
								aria-current={job.id === current ? "true" : undefined}
							>
								<span>{job.title}</span>
								<small>
									{[
										words[job.state],
										moment(job.createdAt, now),
										job.device === status.me.device
											? ""
											: `by ${model.nameOf(job.device)}`,
									]
										.filter((word) => word !== "")
										.join(" · ")}
								</small>
							</a>
						</li>
					))}
				</ol>
			)}
		</section>
	);
}
