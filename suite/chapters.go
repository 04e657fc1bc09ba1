package suite

// chapters are the chapters of the catalogue, in the order of the specification.
// Each is a function, because cases refer to other tables.
var chapters = []func() []Case{
	signingKeys,
	codeConfig,
	headers,
	answering,
	receiving,
	facets,
	replaying,
	parsing,
	inState,
	besideOthers,
	disclosing,
	sending,
	devServer,
	syncing,
	oracles,
	inBandSync,
	calls,
	contained,
	introspection,
	modes,
	onPlatforms,
	connecting,
	checkpointing,
	surviving,
	parsingIllFormed,
}
