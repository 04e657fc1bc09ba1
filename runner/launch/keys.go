package launch

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/limits"
)

// AttachKeys are the keys of an endpoint that is already running.
type AttachKeys struct{ Primary, Fallback reference.Key }

const keysHint = "set " + reference.EnvSigningKey + " (and " + reference.EnvFallback + "), or name a file with --key-file"

const fileHint = "put the key into its first line, or " + reference.EnvSigningKey + "=KEY"

// ReadKeys reads the keys from a file or, where none is named, from the
// environment. A file contains the primary key in its first line and the fallback
// in its second, or NAME=VALUE lines with the environment's names.
func ReadKeys(getenv func(string) string, file string) (AttachKeys, error) {
	primary, fallback, err := ReadKeyTexts(getenv, file)
	if err != nil {
		return AttachKeys{}, err
	}
	from := cmp.Or(file, "the environment")
	var keys AttachKeys
	if keys.Primary, err = parseKey(primary, "the primary key", from); err != nil {
		return AttachKeys{}, err
	}
	if keys.Fallback, err = parseKey(fallback, "the fallback key", from); err != nil {
		return AttachKeys{}, err
	}
	switch {
	case keys.Primary.IsZero() && file != "":
		return AttachKeys{}, page.Usage(fileHint, "there is no signing key in %s", from)
	case keys.Primary.IsZero():
		return AttachKeys{}, page.Usage(keysHint, "there is no signing key in %s", from)
	case keys.Fallback.Secret() == keys.Primary.Secret(): // a test could not tell which of them was tried
		keys.Fallback = reference.Key{}
	}
	return keys, nil
}

// ReadKeyTexts reads the texts of the two keys as [ReadKeys] does, whether or not
// they are keys. Those of the environment are as they are.
func ReadKeyTexts(getenv func(string) string, file string) (primary, fallback string, err error) {
	if file == "" {
		return getenv(reference.EnvSigningKey), getenv(reference.EnvFallback), nil
	}
	text, err := readKeyFile(file)
	if err != nil {
		return "", "", err
	}
	primary, fallback = keyTexts(text)
	return primary, fallback, nil
}

// minDigits is how long a key must be, so that it can be recognised in a response.
const minDigits = 8

// parseKey parses a key; the zero key where there is none.
func parseKey(text, what, from string) (reference.Key, error) {
	key, err := reference.ParseKey(text)
	switch {
	case errors.Is(err, reference.ErrNoKey):
		return reference.Key{}, nil
	case err != nil:
		return reference.Key{}, page.Usage("a key is signkey-<env>-<hex>, or only the hex digits", "%s: %s: %v", from, what, err)
	case len(key.Secret()) < minDigits:
		return reference.Key{}, page.Usage("give the endpoint a longer key for the run", "%s: %s has fewer than %d hexadecimal digits and can't be recognised in responses", from, what, minDigits)
	}
	return key, nil
}

func readKeyFile(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", page.Usage("check the path and its permissions", "the key file cannot be read: %v", err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, limits.KeyFile+1))
	if err != nil {
		return "", page.Usage("check the path and its permissions", "the key file cannot be read: %v", err)
	}
	if len(text) > limits.KeyFile {
		return "", page.Usage("a key file has one or two lines", "the key file %s is longer than %d KiB", name, limits.KeyFile>>10)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil // some editors begin a file with a byte order mark
}

// keyTexts finds the two keys in the text of a file.
func keyTexts(text string) (primary, fallback string) {
	var plain []string
	named := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, value, isNamed := strings.Cut(line, "="); isNamed {
			named[strings.TrimSpace(name)] = unquoted(strings.TrimSpace(value))
			continue
		}
		plain = append(plain, line)
	}
	if len(named) > 0 {
		return named[reference.EnvSigningKey], named[reference.EnvFallback]
	}
	plain = append(plain, "", "")
	return plain[0], plain[1]
}

func unquoted(value string) string {
	for _, quote := range []string{`"`, `'`} {
		if inner, opened := strings.CutPrefix(value, quote); opened {
			return strings.TrimSuffix(inner, quote)
		}
	}
	return value
}

// String says which keys there are, and shows nothing of them.
func (k AttachKeys) String() string {
	return fmt.Sprintf("primary %s, fallback %s", k.Primary, k.Fallback)
}
