package explain

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// KeyForm is one secret that a program may sign or verify with although it was
// given a certain key: the right one, or one that a mistake makes of it.
type KeyForm struct {
	Name   string // what is wrong with the key, empty for the right form: "with a line feed behind it"
	Fix    string // what to do about it
	Secret []byte // the HMAC key
}

// Right reports whether the form is what the protocol asks for.
func (f KeyForm) Right() bool { return f.Name == "" }

// prefix is what an SDK removes from a key.
var prefix = regexp.MustCompile(`^signkey-\w+-`)

// KeyForms lists the secrets that may be made of the text of a key, the right one
// first, then the mistakes, the most frequent ones first. Two names for the same
// secret are listed once.
func KeyForms(text string) []KeyForm {
	whole := CleanKey(text)
	secret := prefix.ReplaceAllString(whole, "")
	if secret == "" {
		return nil
	}
	forms := []KeyForm{{Secret: []byte(secret)}}
	add := func(secret, name, fix string) {
		if !slices.ContainsFunc(forms, func(f KeyForm) bool { return string(f.Secret) == secret }) {
			forms = append(forms, KeyForm{name, fix, []byte(secret)})
		}
	}
	const hash = "use the key itself: the hash is only for requests to Inngest's API"
	const quotes = "remove the quotes: `docker --env-file`, Kubernetes and most consoles take them as part of the value"
	add(secret+"\n", "with a line feed behind it", "write the key without the line feed: `printf %s` or `echo -n`, not `echo`")
	add(`"`+whole+`"`, "with double quotes around it", quotes)
	add(whole, "with its prefix, which an HMAC key does not have", "remove only `signkey-<env>-` before signing, and write the prefix once")
	add(secret+`\n`, `with a backslash and an n behind it`, `remove the \n`)
	add(secret+" ", "with a blank behind it", "remove the blank")
	add(secret+"\r\n", "with a carriage return and a line feed behind it", "save the file with LF line endings and without the last line break")
	add(secret+"\r", "with a carriage return behind it", "save the file with LF line endings: a CRLF file leaves a carriage return behind each value")
	add(" "+whole, "with a blank before it", "remove the blank, often one behind the `=` or the `:`")
	add(`'`+whole+`'`, "with single quotes around it", quotes)
	add(base64.StdEncoding.EncodeToString([]byte(whole)), "encoded as base64", "encode a secret once: `kubectl create secret` and `stringData` do it by themselves")
	add(base64.StdEncoding.EncodeToString([]byte(whole+"\n")), "encoded as base64, with a line feed behind it", "encode a secret once, without the line feed")
	decoded, notHex := hex.DecodeString(secret)
	if notHex == nil {
		add(string(decoded), "decoded from hexadecimal", "use the hexadecimal digits as text: an HMAC key is not decoded, only the bearer is")
		add(BearerHash(secret), "hashed, as a bearer is", hash)
	}
	add("\ufeff"+whole, "with a byte order mark before it", "save the file as UTF-8 without a byte order mark")
	if notHex == nil {
		add(prefix.FindString(whole)+BearerHash(secret), "hashed, as a bearer is, with its prefix", hash)
	}
	add(reference.EnvSigningKey+"="+whole, "with the name of the variable before it", "enter only the value")
	add(strings.ToUpper(secret), "in upper case", "write it as Inngest shows it, in lower case")
	add(strings.ToLower(secret), "in lower case", "write it as Inngest shows it")
	add("\n"+whole, "with a line feed before it", "remove the line break before the key")
	if inner := prefix.ReplaceAllString(secret, ""); inner != "" {
		add(inner, "without a second prefix", "write the prefix once")
	}
	if text, err := base64.StdEncoding.DecodeString(secret); err == nil && prefix.Match(text) {
		add(prefix.ReplaceAllString(CleanKey(string(text)), ""), "decoded from base64", "encode a secret once: here it is still encoded")
	}
	add(secret[:len(secret)-1], "without its last character", "copy the whole key")
	add(secret[1:], "without its first digit", "copy the whole key")
	return forms
}

// Placeholders are secrets that no key of Inngest's is, and that a program signs or
// verifies with where a variable is not set or not filled in.
func Placeholders() []KeyForm {
	const fix = "set the key: whoever knows this text can sign requests"
	forms := []KeyForm{{"an empty text", fix, nil}}
	for _, text := range []string{"undefined", "null", "None", "$" + reference.EnvSigningKey, "${" + reference.EnvSigningKey + "}", "12345678"} {
		forms = append(forms, KeyForm{"the text " + text, fix, []byte(text)})
	}
	return forms
}

// CleanKey is the key in a text that may have a byte order mark, white space,
// quotes or the name of a variable around it.
func CleanKey(text string) string {
	for before := ""; before != text; {
		before = text
		text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
		text = strings.TrimSuffix(strings.TrimSuffix(text, `\n`), `\r`)
		text = strings.TrimPrefix(text, "export ")
		text = strings.TrimPrefix(strings.TrimPrefix(text, reference.EnvSigningKey+"="), reference.EnvFallback+"=")
		if n := len(text); n > 1 && text[0] == text[n-1] && strings.ContainsRune("\"'`", rune(text[0])) {
			text = text[1 : n-1]
		}
	}
	return text
}

// BearerHash is the SHA-256 of a key's decoded digits in hexadecimal, as bearers
// and introspection show it; empty where the key has no such form.
func BearerHash(text string) string {
	decoded, err := hex.DecodeString(prefix.ReplaceAllString(CleanKey(text), ""))
	if err != nil || len(decoded) == 0 {
		return ""
	}
	sum := sha256.Sum256(decoded)
	return hex.EncodeToString(sum[:])
}

// KeyFault is something wrong with the text of a key. It shows nothing of the key.
type KeyFault struct{ Fault, Fix string }

// CheckKey lists what is wrong with the text of a key.
func CheckKey(text string) (faults []KeyFault) {
	add := func(wrong bool, fault, fix string) {
		if wrong {
			faults = append(faults, KeyFault{fault, fix})
		}
	}
	clean := CleanKey(text)
	if clean == "" {
		return []KeyFault{{"there is no key: the text is empty or only white space", "set it to the key that Inngest shows under Manage, Signing Key"}}
	}
	bare := strings.TrimSpace(text)
	add(strings.HasPrefix(text, "\ufeff"), "a byte order mark is before it", "save the file as UTF-8 without a byte order mark")
	add(strings.HasSuffix(text, "\n"), "a line break is behind it", "write it with `printf %s`, not `echo`")
	add(strings.HasSuffix(text, "\r"), "a carriage return is behind it", "save the file with LF line endings")
	add(strings.TrimRight(text, " \t") != text, "a blank is behind it", "remove it")
	add(strings.TrimLeft(text, " \t\r\n") != text, "white space is before it", "remove it")
	add(bare != "" && strings.ContainsAny(bare[:1]+bare[len(bare)-1:], "\"'`"), "it is in quotes", "remove them")
	add(strings.HasSuffix(bare, `\n`), `the two characters \n are behind it`, "remove them")
	add(strings.HasPrefix(strings.TrimPrefix(bare, "export "), "INNGEST_") && strings.Contains(bare, "="), "the name of the variable is part of it", "enter only the value")
	return append(faults, checkDigits(clean)...)
}

// checkDigits lists what is wrong with a key that has nothing around it.
func checkDigits(clean string) []KeyFault {
	if slices.Contains([]string{"undefined", "null", "None", "true", "false"}, clean) || strings.HasPrefix(clean, "$") {
		return []KeyFault{{"it is a placeholder, not a key", "set the key: whoever knows this text can sign requests"}}
	}
	digits := prefix.ReplaceAllString(clean, "")
	switch {
	case digits == "":
		return []KeyFault{{"there is only a prefix", "copy the whole key"}}
	case strings.HasPrefix(digits, "signkey-"):
		return []KeyFault{{"its prefix is malformed or there twice", "a key begins with signkey-<env>- once, and <env> is one word of letters, digits and underscores"}}
	case len(digits) == 64 && len(clean) == 64 && strings.ToLower(digits) == digits && isHex(digits):
		return nil // a self-hosted server's
	case strings.ContainsFunc(digits, func(r rune) bool { return r > 0x7f }):
		return []KeyFault{{"it contains characters that are not ASCII", "copy it again; an editor or a chat may have replaced some"}}
	case strings.ContainsAny(digits, " \t\r\n"):
		return []KeyFault{{"white space is inside it", "write it in one line without blanks; two keys go into two variables"}}
	case !isHex(digits) && strings.Contains(digits, "-"):
		return []KeyFault{{"behind its prefix there is more than hexadecimal digits: a dash", "a key is signkey-<env>-<hex>, and <env> is one word without dashes"}}
	case !isHex(digits):
		return []KeyFault{{"behind its prefix there are characters that are no hexadecimal digits", "a key is signkey-<env>-<hex>; event keys and API keys look different"}}
	case len(digits)%2 == 1:
		return []KeyFault{{"the number of its hexadecimal digits is odd", "copy the whole key; the first or last character is missing, or one is there twice"}}
	case strings.ToLower(digits) != digits:
		return []KeyFault{{"its digits are in upper case", "write it as Inngest shows it: the text is the key, so case matters"}}
	case len(digits) < 32:
		return []KeyFault{{"it is shorter than 32 hexadecimal digits and can be guessed", "`countersign keys new` makes one of 64 digits"}}
	}
	return nil
}

func isHex(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
}
