/** The bundled build of simple-peer has the types of its main entry (facts V6). */
declare module "simple-peer/simplepeer.min.js" {
	const Peer: import("simple-peer").SimplePeer;

	export { Peer as default };
}
