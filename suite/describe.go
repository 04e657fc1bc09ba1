package suite

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// phrases describe the fields that are set; %v is the field's value.
var phrases = map[string]string{
	"Method":         "sent as %v",
	"Path":           "to the path %v",
	"Query":          "with %v in its query",
	"Step":           "of the step %v",
	"Event":          "with the event %v",
	"Size":           "of %v bytes",
	"Version":        "in %v",
	"Function":       "of the function %v",
	"Body":           "its body: %v",
	"Headers":        "with the header %v",
	"Host":           "with the Host %v",
	"NamesURL":       "that names the URL %v",
	"UseAPI":         "with its payload to be read from the API (use_api)",
	"APIRefuses":     "while the API rejects %v",
	"APIStatus":      "with %v",
	"APIAnswers":     "while the API responds with %v",
	"APIConduct":     "while the API %v",
	"Patience":       "with %v seconds to connect",
	"SameConnection": "over the same connection",
	"SameRun":        "with the same run id",
	"SameBody":       "with the same body",
	"Borrowed":       "with the signature header of the request before it",
	"Chunked":        "its body sent in chunks",
	"ContentType":    "its Content-Type %v",
	"Key":            "signed with %v",
	"Unsigned":       "without a signature",
	"Age":            "signed %v",
	"Redate":         "its t modified after signing",
	"Header":         "its signature header as %v",
	"Tamper":         "its body modified after signing: %v",
	"Over":           "its MAC computed over %v",
	"Hash":           "its MAC computed with %v",
	"Gzipped":        "compressed",
	"Bodiless":       "without a body",
	"Split":          "signed an hour ago, and then split anew between body and t: %v",
}

// Describe describes a request in words.
func Describe(s Stimulus) string { return DescribeAs(s, s.Kind()) }

// DescribeAs describes a request that is sent as another kind of request, in words.
func DescribeAs(s Stimulus, as Kind) string {
	in := s.Fields()
	words := []string{Article(string(as))}
	if s.Kind() == KindOtherMethod {
		words = []string{Article(in.Method)}
	}
	if as != s.Kind() {
		words[0] += " in place of " + Article(string(s.Kind()))
	}
	if s.Kind() == KindOtherMethod {
		in.Method = "" // it is named
	}
	return strings.Join(append(words, in.phrases()...), ", ")
}

// phrases describe the fields that are set.
func (in Fields) phrases() []string {
	var words []string
	value := reflect.ValueOf(in)
	for i := range value.NumField() {
		phrase, known := phrases[value.Type().Field(i).Name]
		if field := value.Field(i); known && !field.IsZero() {
			words = append(words, strings.ReplaceAll(phrase, "%v", inWords(field.Interface())))
		}
	}
	return words
}

// inWords formats a field's value for its phrase.
func inWords(value any) string {
	switch v := value.(type) {
	case time.Duration:
		if v < 0 {
			return word(-v) + " in the future"
		}
		return word(v) + " ago"
	case KeyName:
		return v.inWords()
	case string:
		return "`" + strings.ReplaceAll(v, "\n", "` and `") + "`"
	}
	return fmt.Sprint(value)
}

// word formats a duration without zero parts: "5m5s", "1h".
func word(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (k KeyName) inWords() string {
	switch k {
	case EmptyKey:
		return "an empty key"
	case Both:
		return "both keys"
	case UnknownKey:
		return "an unknown key"
	}
	if _, isText := k.text(); isText || neighbours[k] != nil || altered[k] != nil {
		return string(k)
	}
	return "the " + string(k) + " key"
}

// Article puts the article before a noun: "a call", "an introspection", "a URL",
// "an HTTP response", "an unknown key".
func Article(noun string) string {
	if soundsLikeVowel.MatchString(noun) {
		return "an " + noun
	}
	return "a " + noun
}

// soundsLikeVowel is how words begin that are spoken with a vowel: also those of which
// the letters are spoken, and 8, 11 and 18.
var soundsLikeVowel = regexp.MustCompile(`^([aeioAEIO]|[Uu]n[^i]|[Uu]p|HTTP|HMAC|SDK|MD5|NaN|8|11\b|18\b)`)
