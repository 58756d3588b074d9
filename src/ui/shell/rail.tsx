/** The places of the page: a rail at the side, a bar at the bottom of a phone. */
import { BookOpenText, Waypoints } from "lucide";
import { useModel } from "../context.ts";
import { Icon } from "../icon.tsx";
import { Mark } from "./mark.tsx";

export function Rail() {
	const model = useModel();
	const route = model.route.value;
	const open = model.job.value;
	const inSwarm = route.place === "swarm";
	// Coming back to research comes back to the question that was open.
	const research = open === null ? "#/" : `#/job/${open.id}`;
	return (
		<nav class="rail" aria-label="Places">
			<a class="home" href="#/" aria-label="Shoal: a new question">
				<Mark />
			</a>
			<a
				href={inSwarm ? research : "#/"}
				aria-current={inSwarm ? undefined : "page"}
			>
				<Icon of={BookOpenText} size={20} />
				Research
			</a>
			<a href="#/swarm" aria-current={inSwarm ? "page" : undefined}>
				<Icon of={Waypoints} size={20} />
				Swarm
			</a>
		</nav>
	);
}
