/** The places of the page: a rail at the side, a bar at the bottom of a phone. */
import { BookOpenText, SquarePen, Waypoints } from "lucide";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { Mark } from "./mark.tsx";

export function Rail() {
	const model = useModel();
	const route = model.route.value;
	const open = model.job.value;
	const { place } = route;
	const isResearch = place === "ask" || place === "job";
	// Coming back to research comes back to the question that was open.
	const research = open === null ? "#/" : `#/job/${open.id}`;
	return (
		<nav class="rail" aria-label="Places">
			<a class="home" href="#/" aria-label="Shoal: a new question">
				<Mark />
			</a>
			<a
				href={isResearch ? "#/" : research}
				aria-current={isResearch ? "page" : undefined}
			>
				<Icon of={BookOpenText} size={20} />
				Research
			</a>
			<a href="#/drafts" aria-current={place === "drafts" ? "page" : undefined}>
				<Icon of={SquarePen} size={20} />
				Drafts
			</a>
			<a href="#/swarm" aria-current={place === "swarm" ? "page" : undefined}>
				<Icon of={Waypoints} size={20} />
				Swarm
			</a>
		</nav>
	);
}
