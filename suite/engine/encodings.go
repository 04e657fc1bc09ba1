package engine

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// formsOf lists the forms in which a response may show a MAC.
func formsOf(mac []byte) []string {
	lower := hex.EncodeToString(mac)
	upper := strings.ToUpper(lower)
	standard := strings.TrimRight(base64.StdEncoding.EncodeToString(mac), "=")
	ofHex := base64.StdEncoding.EncodeToString([]byte(lower))
	forms := []string{
		lower, upper, standard, strings.TrimRight(base64.URLEncoding.EncodeToString(mac), "="), strings.TrimRight(ofHex, "="),
		strings.TrimRight(base32.StdEncoding.EncodeToString(mac), "="), strings.ReplaceAll(strings.ReplaceAll(standard, "+", "%2B"), "/", "%2F"),
	}
	for _, between := range []string{":", "-", " ", ", ", `\x`, "%", ",0x", ", 0x"} {
		forms = append(forms, inPairs(lower, between), inPairs(upper, between))
	}
	for _, between := range []string{",", ", ", " "} {
		forms = append(forms, inDecimal(mac, between))
	}
	return forms
}

// inPairs puts a text between each two digits.
func inPairs(digits, between string) string {
	var pairs []string
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs, between)
}

// inDecimal is how languages print a list of bytes.
func inDecimal(bytes []byte, between string) string {
	var numbers []string
	for _, b := range bytes {
		numbers = append(numbers, strconv.Itoa(int(b)))
	}
	return strings.Join(numbers, between)
}

// mayHoldMAC is a fast check for a MAC in any of its forms: a run of characters as
// long as the part of a MAC that is replaced, or many short pieces in a row.
func mayHoldMAC(s string) bool {
	const leastPieces, mostInPiece = 20, 4
	run, pieces, inPiece := 0, 0, 0
	for i := range len(s) {
		if c := s[i]; '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '/' || c == '=' || c == '_' || c == '-' {
			run++
			inPiece++
		} else {
			if run = 0; inPiece > 0 {
				pieces++
			}
			if inPiece > mostInPiece {
				pieces = 0
			}
			inPiece = 0
		}
		if run >= nearDigits || pieces >= leastPieces {
			return true
		}
	}
	return false
}
