/** A connection to the relay, whichever way it goes. */

/** One connection of either kind. */
export interface RelayWire {
	send(frame: string): void;
	close(): void;
}

export interface RelayWireEvents {
	onOpen(): void;
	onFrame(frame: string): void;
	/** `restarting`: the relay has said that it will be back. */
	onClose(restarting: boolean): void;
}
