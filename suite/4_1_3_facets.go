package suite

// facets is SPEC 4.1.3: nothing that the MAC does not cover decides whether a
// request is verified. Each case tries a whole dictionary in few requests.
func facets() []Case {
	unsigned, wrong, expired, ofNothing := Call{Unsigned: true}, Call{Key: UnknownKey}, Call{Age: tooOld}, Call{Over: NoMessage}
	almost := Call{Header: "t={t}&s={s:flip}"}
	return []Case{
		facet("facets.headers-unsigned", Default, unsigned, Facets{Of: RequestHeaders}),
		facet("facets.headers-wrong-key", Default, wrong, Facets{Of: RequestHeaders}),
		facet("facets.headers-expired", Default, expired, Facets{Of: RequestHeaders}),
		facet("facets.headers-mac-of-nothing", Default, ofNothing, Facets{Of: RequestHeaders}),
		facet("facets.introspection-headers-unsigned", Default, Introspect{Unsigned: true}, Facets{Of: RequestHeaders}),
		facet("facets.introspection-headers-wrong-key", Deep, Introspect{Key: UnknownKey}, Facets{Of: RequestHeaders}),
		needing(InBand, facet("facets.inband-headers-wrong-key", Deep, InBandSync{Key: UnknownKey}, Facets{Of: RequestHeaders})),
		facet("facets.query-unsigned", Default, unsigned, Facets{Of: QueryParameters}),
		facet("facets.query-wrong-key", Default, wrong, Facets{Of: QueryParameters}),
		facet("facets.query-expired", Deep, expired, Facets{Of: QueryParameters}),
		facet("facets.query-mac-of-nothing", Deep, ofNothing, Facets{Of: QueryParameters}),
		facet("facets.methods-unsigned", Default, unsigned, Facets{Of: Methods, First: 5}),
		facet("facets.methods-wrong-key", Default, wrong, Facets{Of: Methods, First: 5}),
		facet("facets.methods-mac-of-nothing", Deep, ofNothing, Facets{Of: Methods}),
		facet("facets.paths-wrong-key", Default, wrong, Facets{Of: Paths, First: commonPaths}),
		facet("facets.paths-unsigned", Deep, unsigned, Facets{Of: Paths}),
		facet("facets.rare-paths-wrong-key", Deep, wrong, Facets{Of: Paths, After: commonPaths}),
		facet("facets.content-wrong-key", Default, wrong, Facets{Of: ContentTypes, First: commonTypes}),
		facet("facets.content-unsigned", Deep, unsigned, Facets{Of: ContentTypes}),
		facet("facets.content-mac-of-nothing", Deep, ofNothing, Facets{Of: ContentTypes}),
		facet("facets.rare-content-wrong-key", Deep, wrong, Facets{Of: ContentTypes, After: commonTypes}),
		facet("facets.names-wrong-key", Default, wrong, Facets{Of: ReservedNames, First: commonNames}),
		facet("facets.names-unsigned", Deep, unsigned, Facets{Of: ReservedNames}),
		facet("facets.rare-names-wrong-key", Deep, wrong, Facets{Of: ReservedNames, After: commonNames}),
		ofMembers("facets.members-unsigned", unsigned),
		ofMembers("facets.members-wrong-key", wrong),
		ofMembers("facets.members-expired", expired),
		facet("facets.functions-wrong-key", Default, wrong, Facets{Of: FunctionIDs, First: 2}),
		facet("facets.functions-unsigned", Deep, unsigned, Facets{Of: FunctionIDs}),
		facet("facets.sizes-wrong-key", Default, wrong, Facets{Of: Sizes, First: commonSizes}),
		facet("facets.sizes-unsigned", Deep, unsigned, Facets{Of: Sizes, First: commonSizes - 1}),
		facet("facets.sizes-mac-of-nothing", Deep, ofNothing, Facets{Of: Sizes, First: commonSizes - 1}),
		facet("facets.rare-sizes-wrong-key", Deep, wrong, Facets{Of: Sizes, After: commonSizes}),
		facet("facets.large-sizes-wrong-key", Deep, wrong, Facets{Of: LargeSizes}),
		facet("facets.versions-wrong-key", Default, wrong, Facets{Of: Versions}),
		sentBy(Neighbour, facet("facets.credentials-unsigned", Default, unsigned, Facets{Of: Credentials})),
		sentBy(Neighbour, facet("facets.credentials-wrong-key", Deep, wrong, Facets{Of: Credentials})),

		guesses(facet("facets.guessable-keys", Default, wrong, Facets{Of: GuessableKeys})),
		guesses(facet("facets.rare-keys", Deep, wrong, Facets{Of: RareKeys})),
		sentBy(Neighbour, guesses(facet("facets.neighbour-keys", Default, wrong, Facets{Of: NeighbourKeys}))),
		hardened(facet("facets.altered-keys", Deep, wrong, Facets{Of: AlteredKeys})),
		hardened(facet("facets.keyed-hashes", Deep, Call{Hash: SHA1}, Facets{Of: KeyedHashes})),
		guesses(facet("facets.keyless-hashes", Deep, Call{Hash: Plain}, Facets{Of: KeylessHashes})),
		guesses(facet("facets.named-algorithms", Deep, almost, Facets{Of: NamedAlgorithms})),
		guesses(facet("facets.partial-macs", Default, almost, Facets{Of: PartialMACs, First: 5})),
		guesses(facet("facets.guessed-macs", Deep, almost, Facets{Of: GuessedMACs})),
		guesses(facet("facets.every-digit", Deep, almost, Facets{Of: EveryDigit})),
		guesses(facet("facets.every-length", Deep, almost, Facets{Of: EveryLength})),
	}
}

// How many deviations of a dictionary are in the default tier.
const (
	commonPaths = 6
	commonTypes = 7
	commonNames = 10 // five events and five steps
	commonSizes = 6
)

// ofMembers is a facet of all members of the payload. Of its versions it has one: each
// takes a request of its own.
func ofMembers(id string, when Stimulus) Case {
	const otherVersions = 2
	c := facet(id, Default, when, Facets{Of: PayloadMembers, After: otherVersions})
	c.Title = Describe(when) + " is refused with any of these: " + string(PayloadMembers)
	return c
}

// facet is a case in which a request that must be refused carries the deviations of
// a dictionary, in groups.
func facet(id string, tier Tier, when Stimulus, tried Facets) Case {
	c := Case{
		ID: id, Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: tier,
		Title: Describe(when) + " is refused with any of these: " + string(tried.Of) + tried.part(),
		When:  when, Facets: tried, Then: letsNobodyIn(tried.Of == Credentials),
	}
	if when.Fields().Age > 0 {
		c.Clause, c.Source, c.Risk, c.Ambiguity = cite("4.1.3", 4), "KEYS 3", Replay, "R6"
	}
	if when.Fields().Over == NoMessage {
		c.Rests = []string{"receiving.mac-of-nothing"}
	}
	if when.Kind() == KindIntrospect {
		c.Clause, c.Risk = cite("4.5", 1), Disclosure
	}
	return c
}

// guesses is a facet of one wrong signature for each deviation.
func guesses(c Case) Case {
	c.Title = "a call is refused with any of these: " + string(c.Facets.Of) + c.Facets.part()
	return c
}

// hardened is a facet of signatures that only the holder of the key can make.
func hardened(c Case) Case {
	c = guesses(c)
	c.Level, c.By = Should, Signer
	return c
}

func sentBy(by Attacker, c Case) Case {
	c.By = by
	return c
}

// part says which part of a dictionary is tried.
func (f Facets) part() string {
	switch {
	case f.First > 0:
		return ", the likeliest"
	case f.After > 0:
		return ", the others"
	}
	return ""
}
