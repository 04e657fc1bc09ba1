package report

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
)

// span is a piece of a text: as in the other one, only in this one ("mark"), or only
// in the other one ("del").
type span struct{ Text, Kind string }

// mostCells bounds the table of a comparison; beyond it everything between the
// common beginning and the common end is marked.
const mostCells = 4 << 20

// compare marks what a request has and its control does not, token by token. Values
// that are new in every request are equal if they have the same form. There are no
// marks where most of the request differs.
func compare(control, request string) []span {
	a, b := tokens(control), tokens(request)
	start := 0
	for start < min(len(a), len(b)) && alike(a[start], b[start]) {
		start++
	}
	end := 0
	for end < min(len(a), len(b))-start && alike(a[len(a)-1-end], b[len(b)-1-end]) {
		end++
	}
	var out spans
	out.add("", b[:start]...)
	out.middle(a[start:len(a)-end], b[start:len(b)-end])
	out.add("", b[len(b)-end:]...)
	if out.share("mark") > 0.5 { // another kind of request
		return []span{{Text: request}}
	}
	return out
}

type spans []span

// share is how much of a text is of a kind, between 0 and 1.
func (s spans) share(kind string) float64 {
	some, all := 0, 1
	for _, piece := range s {
		if piece.Kind != "del" {
			all += len(piece.Text)
		}
		if piece.Kind == kind {
			some += len(piece.Text)
		}
	}
	return float64(some) / float64(all)
}

func (s *spans) add(kind string, words ...string) {
	for _, word := range words {
		if n := len(*s); n > 0 && (*s)[n-1].Kind == kind {
			(*s)[n-1].Text += word
		} else {
			*s = append(*s, span{word, kind})
		}
	}
}

// middle adds b, compared with a by their longest common subsequence.
func (s *spans) middle(a, b []string) {
	if len(a)*len(b) > mostCells {
		s.add("mark", b...)
		return
	}
	common := make([][]int32, len(a)+1) // of what is left of a and b
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); alike(a[i], b[j]) {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && alike(a[i], b[j]):
			s.add("", b[j])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			s.add("del", a[i])
			i++
		default:
			s.add("mark", b[j])
			j++
		}
	}
}

// tokenForm is a token of ours, a word, or one other character.
var tokenForm = regexp.MustCompile(`(?s)\{\{[^{}]*\}\}|[0-9A-Za-z]+|.`)

func tokens(text string) []string { return tokenForm.FindAllString(text, -1) }

// The forms of what is new in every request: ULIDs, and ids in hex.
var (
	ulidForm = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{26}$`)
	hexForm  = regexp.MustCompile(`^[0-9a-f]{13,}$`)
)

// alike reports whether two words are equal, or values that are new in every request:
// ids of one form, or times of about the same moment.
func alike(a, b string) bool {
	switch {
	case a == b:
		return true
	case ulidForm.MatchString(a):
		return ulidForm.MatchString(b)
	case len(a) == len(b) && hexForm.MatchString(a) && hexForm.MatchString(b) && strings.ContainsAny(a+b, "abcdef"):
		return true
	}
	return sameTime(a, b) || sameQueueItem(a, b)
}

// sameTime compares seconds, or milliseconds, since 1970.
func sameTime(a, b string) bool {
	if len(a) != len(b) || len(a) != 10 && len(a) != 13 {
		return false
	}
	one, errOne := strconv.ParseInt(a, 10, 64)
	other, errOther := strconv.ParseInt(b, 10, 64)
	apart := int64(30)
	if len(a) == 13 {
		apart *= 1000
	}
	return errOne == nil && errOther == nil && max(one-other, other-one) <= apart
}

// sameQueueItem compares ids of queue items, which are job ids in base64.
func sameQueueItem(a, b string) bool {
	return len(a) == len(b) && len(a) > 20 && isQueueItem(a) && isQueueItem(b)
}

func isQueueItem(text string) bool {
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	return err == nil && strings.HasSuffix(string(decoded), "::default")
}
