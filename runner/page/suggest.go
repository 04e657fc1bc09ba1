package page

import "strings"

// DidYouMean is a hint that names the known word that a mistyped one is closest
// to, or the other hint where none is close.
func DidYouMean(word string, known []string, otherwise string) string {
	nearest := Nearest(word, known)
	if nearest == "" {
		return otherwise
	}
	return "did you mean " + nearest + "? " + Capital(otherwise)
}

// NoSuch is the error for a word that is none of the known ones: it names the nearest,
// and all of them.
func NoSuch(what, word string, known []string) *Error {
	return Usage(DidYouMean(word, known, "there are "+strings.Join(known, ", ")), "there is no %s %q", what, word)
}

// Nearest is the known name that a mistyped one is closest to, if any is close.
func Nearest(name string, known []string) string {
	best, least := "", 1+max(2, len(name)/3)
	for _, candidate := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d < least {
			best, least = candidate, d
		} else if name != "" && strings.HasPrefix(candidate, name) && best == "" {
			best = candidate
		}
	}
	return best
}

// distance is how many letters must be changed, added or dropped.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
