package suite

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// phrases describe the fields that are set, except Unsigned; %v is the field's value.
var phrases = map[string]string{
	"Method":         "sent as %v",
	"Path":           "to the path %v",
	"Query":          "with %v in its query",
	"Step":           "of the step %v",
	"Event":          "with the event %v",
	"Size":           "of %v bytes",
	"Version":        "in %v",
	"Function":       "of the function %v",
	"Body":           "whose body is %v",
	"Members":        "with %v in its payload",
	"Bare":           "without the header fields that Inngest adds",
	"Headers":        "with the header %v",
	"Host":           "with the Host %v",
	"NamesURL":       "that names the URL %v",
	"UseAPI":         "with its payload to be read from the API (use_api)",
	"APIRefuses":     "while the API rejects %v",
	"APIStatus":      "with %v",
	"APIResponds":    "while the API responds with %v",
	"APIConduct":     "while the API %v",
	"Patience":       "with %v seconds to connect",
	"SameConnection": "over the same connection",
	"SameRun":        "with the same run id",
	"SameBody":       "with the same body",
	"Borrowed":       "with the signature header of the request before it",
	"Chunked":        "sent in chunks",
	"ContentType":    "whose Content-Type is %v",
	"Key":            "signed with %v",
	"Age":            "signed %v",
	"Redate":         "whose t was modified after signing",
	"Header":         "whose signature header is %v",
	"Tamper":         "whose body was modified after signing: %v",
	"Over":           "whose MAC is computed over %v",
	"Hash":           "whose MAC is computed with %v",
	"Gzipped":        "whose body is compressed",
	"Bodiless":       "without a body",
	"Split":          "signed an hour ago and then split anew between body and t: %v",
}

// Describe describes a request in words.
func Describe(s Stimulus) string { return DescribeAs(s, s.Kind()) }

// DescribeAs describes a request that is sent as another kind of request, in words.
func DescribeAs(s Stimulus, as Kind) string {
	in := s.Fields()
	noun := string(as)
	if s.Kind() == KindOtherMethod {
		noun, in.Method = in.Method, "" // it is named
	}
	if in.Unsigned {
		noun = "unsigned " + noun
	}
	text := Article(noun)
	if as != s.Kind() {
		text += " in place of " + Article(string(s.Kind()))
	}
	if words := in.phrases(); len(words) > 0 {
		text += " " + strings.Join(words, ", ")
	}
	return text
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
