package suite

import (
	"fmt"
	"maps"
	"slices"
)

// The dictionaries of wrong keys, algorithms and MACs. One request has one of them.
const (
	GuessableKeys   Dictionary = "texts that a missing key may become"
	RareKeys        Dictionary = "other texts that anyone can guess"
	NeighbourKeys   Dictionary = "secrets of the account other than the key"
	AlteredKeys     Dictionary = "other forms of the key"
	KeyedHashes     Dictionary = "other algorithms, with the key"
	KeylessHashes   Dictionary = "sums that need no key"
	NamedAlgorithms Dictionary = "algorithms that the header names"
	PartialMACs     Dictionary = "MACs of which only a part is correct"
	GuessedMACs     Dictionary = "values of s that need no key"
	EveryDigit      Dictionary = "MACs with one wrong digit, at every position"
	EveryLength     Dictionary = "beginnings of the MAC, of every length"
)

// guessable is what a variable that is not set becomes in a template, a shell or a
// configuration file.
var guessable = []string{
	"undefined", "null", "None", "${INNGEST_SIGNING_KEY}", "[object Object]", "changeme",
}

// rarelyGuessable are other such texts, and keys from documents.
var rarelyGuessable = []string{
	"test", "signkey-test", "nil", "<nil>", "NULL", "Undefined", "NaN", "true", "false", "0", "1", " ", "   ", "\"\"", "''", "{}", "[]", "***", "********",
	"$INNGEST_SIGNING_KEY", "%INNGEST_SIGNING_KEY%", "{{INNGEST_SIGNING_KEY}}", "process.env.INNGEST_SIGNING_KEY", "INNGEST_SIGNING_KEY",
	"INNGEST_SIGNING_KEY_FALLBACK", "${INNGEST_SIGNING_KEY_FALLBACK}", "undefinedundefined", "signkey-", "signkey-test-", "signkey-prod-", "signkey-branch-",
	"signkey-undefined", "signkey-prod-undefined", "test-key", "testkey", "secret", "secret-key", "password", "default", "local", "dev", "development", "inngest", "key",
	"your-signing-key", "YOUR_SIGNING_KEY", "<your-signing-key>", "xxx", "replace-me", "example", "placeholder", "TODO", "signing-key", "signing_key",
	"12345678", "signkey-prod-12345678", "deadbeef", "signkey-test-12345678", "signkey-test-deadbeef", "abc123", "0123456789abcdef", "00", "\x00",
	"0000000000000000000000000000000000000000000000000000000000000000", "b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c",
	AppID, EchoID, "countersign-test", EchoEvent, "Inngest", "inngest-dev-server", "prod", "production",
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", // SHA-256 of nothing
}

func withKeys(texts []string) []Fields {
	var all []Fields
	for _, text := range texts {
		all = append(all, Fields{Key: Text(text)})
	}
	return all
}

func withDerived(keys map[KeyName]func(Keyring) string) []Fields {
	var all []Fields
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, Fields{Key: name})
	}
	return all
}

// keyedHashes can be made only with the key, keylessHashes by anyone.
var (
	keyedHashes = []Fields{
		{Hash: MD5}, {Hash: SHA224}, {Hash: SHA384}, {Hash: SHA512Half}, {Hash: SHA3}, {Hash: TwiceHashed}, {Hash: KeyFirst}, {Hash: KeyLast},
	}
	keylessHashes = []Fields{
		{Hash: Plain, Over: BodyOnly}, {Hash: Plain, Over: NoMessage}, {Hash: Plain, Over: TimeFirst}, {Hash: PlainMD5}, {Hash: PlainSHA1},
		{Hash: PlainSHA512}, {Hash: PlainTwice}, {Hash: CRC32}, {Hash: MessageItself, Over: NoMessage}, {Hash: KeyedByMessage, Over: NoMessage}, {Hash: KeyedByMessage},
	}
)

// namedAlgorithms are sums that anyone can make, with their algorithm's name in s or
// beside it.
var namedAlgorithms = []Fields{
	{Header: "t={t}&s=&alg=none"}, {Header: "t={t}&s={s:zeros}&alg=none"}, {Header: "alg=none&t={t}&s="}, {Header: "t={t}&s=none"}, {Header: "t={t}&s=none="},
	{Header: "t={t}&s={s:zeros}&algorithm=none"}, {Header: "t={t}&s={s:zeros}&a=none"}, {Header: "t={t}&s={s:zeros}&v=0"}, {Header: "t={t}&s={s:zeros}&v0=1"},
	{Hash: Plain, Header: "t={t}&s={s}&alg=sha256"}, {Hash: Plain, Header: "t={t}&s=sha256={s}"}, {Hash: Plain, Header: "t={t}&s={s}&alg=plain"}, {Hash: Plain, Header: "t={t}&s=plain={s}"},
	{Hash: PlainMD5, Header: "t={t}&s=md5={s}"}, {Hash: PlainMD5, Header: "t={t}&s={s}&alg=md5"}, {Hash: PlainSHA1, Header: "t={t}&s=sha1={s}"}, {Hash: PlainSHA1, Header: "t={t}&s={s}&alg=sha1"},
	{Hash: CRC32, Header: "t={t}&s=crc32={s}"}, {Hash: CRC32, Header: "t={t}&s={s}&alg=crc32"},
}

// partialMACs are MACs that a comparison of a part, or of a sum, takes for correct.
var partialMACs = []Fields{
	{Header: "t={t}&s={s:flip-31}"}, {Header: "t={t}&s={s:reversed}"}, {Header: "t={t}&s={s:sorted}"}, {Header: "t={t}&s={s:swapped}"}, {Header: "t={t}&s={s:balanced}"},
	{Header: "t={t}&s={s:first-8}"}, {Header: "t={t}&s={s:last-8}"}, {Header: "t={t}&s={s:last-32}"}, {Header: "t={t}&s={s:last-63}"}, {Header: "t={t}&s={s:padded-8}"},
}

// guessedMACs are values that a lenient comparison takes for any MAC.
var guessedMACs = []Fields{
	{Header: "t={t}&s=*"}, {Header: "t={t}&s=.*"}, {Header: "t={t}&s=%25"}, {Header: "t={t}&s={s:dots}"}, {Header: "t={t}&s={s:marks}"}, {Header: "t={t}&s=[0-9a-f]*"}, {Header: "t={t}&s=true"},
	{Header: "t={t}&s=1"}, {Header: "t={t}&s=0"}, {Header: "t={t}&s={s:digits}"}, {Header: "t={t}&s=undefined"}, {Header: "t={t}&s=null"}, {Header: "t={t}&s=[]"}, {Header: "t={t}&s={}"},
	{Header: "t={t}&s={s:blanks}"}, {Header: "t={t}&s=%00"}, {Header: "t={t}&s={s:fs}"}, {Header: "t={t}&s[]="}, {Header: "t={t}&s[$ne]=x"}, {Header: "t={t}&s[toString]=x"}, {Header: "t={t}&s=0e1"},
}

func everyDigit() []Fields {
	var all []Fields
	for at := range 64 {
		all = append(all, Fields{Header: fmt.Sprintf("t={t}&s={s:flip-%d}", at)})
	}
	return all
}

func everyLength() []Fields {
	var all []Fields
	for length := 1; length < 64; length++ {
		all = append(all, Fields{Header: fmt.Sprintf("t={t}&s={s:first-%d}", length)})
	}
	return all
}
