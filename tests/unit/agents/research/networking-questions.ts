/** Questions for the calibration on real documents: what must be found, with a word of the answer, and what must not. */

/** [question, pattern that some sentence of the report must match]. */
export const ANSWERABLE: readonly (readonly [string, RegExp])[] = [
	[
		"How does gossipsub v1.1 score a peer that does not forward messages?",
		/deficit|deliver/i,
	],
	[
		"What keeps a circuit relay from being used without limits?",
		/limit|duration|data cap|reservation/i,
	],
	[
		"Which issues did the audit find, and how severe were they?",
		/NBL-03|eight|Medium|Low/,
	],
	["What is opportunistic grafting?", /median/i],
	[
		"What is flood publishing in gossipsub?",
		/all (?:known|connected) peers|publish/i,
	],
	[
		"How long is the recommended backoff period after a PRUNE?",
		/1 minute|backoff/i,
	],
	[
		"How does peer exchange help a pruned peer reform its mesh?",
		/set of (?:other )?peers|reform/i,
	],
	["What happens to peers with a negative score?", /prune|removed|ignored/i],
	["What is the purpose of the IP colocation factor?", /sybil|same IP/i],
	["How does Kademlia compute the distance between two keys?", /XOR/i],
	["What is the replication parameter k in the DHT?", /20|replication/i],
	["How are records republished in the DHT?", /republish/i],
	[
		"What does the identify protocol exchange between peers?",
		/public key|listen|protocol/i,
	],
	["How is a peer ID derived from a public key?", /hash|multihash|SHA-256/i],
	[
		"Which key types are supported for peer identities?",
		/RSA|Ed25519|Secp256k1|ECDSA/i,
	],
	[
		"How does AutoNAT v2 protect against amplification attacks?",
		/amplification|data/i,
	],
	[
		"How does DCUtR synchronize the hole punching attempt?",
		/Sync|simultaneous|RTT|round/i,
	],
	["What does a relay do when a reservation expires?", /reservation|expir/i],
	["What is a reservation voucher?", /voucher/i],
	["How does the Noise handshake authenticate the static key?", /sign|static/i],
	["Which handshake pattern does libp2p-noise use?", /XX/],
	[
		"How does TLS in libp2p authenticate the peer's identity?",
		/certificate|extension/i,
	],
	[
		"How does a browser verify the server certificate in WebRTC Direct?",
		/fingerprint|certhash|hash/i,
	],
	[
		"Why does libp2p over WebRTC need a signaling channel?",
		/signal|relay|SDP/i,
	],
	[
		"What is mplex's main problem with backpressure?",
		/backpressure|flow control|block/i,
	],
	[
		"How does multistream-select negotiate a protocol?",
		/propos|protocol id|na\b|support/i,
	],
	["How long can a rendezvous registration live?", /TTL|hours|72/i],
	[
		"What does episub add to gossipsub?",
		/proximity|lazy|choke|broadcast|episub/i,
	],
	[
		"How can signature malleability in noble-ed25519 be mitigated?",
		/malleab|signature|S /i,
	],
	["How many days did the audit of noble-ed25519 take?", /five days/i],
	[
		"Which hash library was deprecated when running in Deno?",
		/hash|deprecated/i,
	],
	["What is a multiaddr?", /address|multiaddr/i],
];

export const UNANSWERABLE: readonly string[] = [
	"What is the best recipe for lasagne?",
	"Who won the 1998 World Cup?",
	"How does BitTorrent's tit-for-tat choke peers?",
	"Which port does SSH use?",
	"What is the capital of Portugal?",
	"How many calories are in a banana?",
	"When was the Eiffel Tower built?",
	"Who wrote Pride and Prejudice?",
	"What is the melting point of tungsten?",
	"How does photosynthesis work in desert plants?",
	"Which vitamins does a newborn baby need?",
	"How do I change the oil of a diesel engine?",
	"What are the tax rates for small companies in Denmark?",
	"How does TCP congestion control react to packet loss with CUBIC?",
	"How does the Raft consensus algorithm elect a leader?",
	"What block size does Bitcoin use?",
	"How does Kubernetes schedule pods on nodes?",
	"How does BGP choose between several routes?",
	"What is the default heap size of the Java virtual machine?",
	"How does Tor build onion circuits through guard nodes?",
	"Which CPU instructions accelerate AES encryption?",
	"How does DNSSEC sign a zone?",
	"How does Ethereum charge gas for smart contracts?",
	"What salary did the auditors earn?",
	"How does WireGuard rotate its session keys?",
	"Which colour scheme does the libp2p website use?",
	"What did the greenhouse trial cost?",
	"How are MQTT retained messages stored by the broker?",
];
