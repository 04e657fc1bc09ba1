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

// mayHoldMAC is a fast check for a MAC in any of its forms: as many hexadecimal digits
// in a row as the part of a MAC that is replaced has, as many characters as its
// shortest other form has, or many short pieces in a row.
func mayHoldMAC(s string) bool {
	const leastEncoded, leastPieces, mostInPiece = 43, 20, 4
	digits, run, pieces, inPiece := 0, 0, 0, 0
	for i := range len(s) {
		c := s[i]
		if digits++; !isHexDigit(c) {
			digits = 0
		}
		if run++; !isEncoding(c) {
			run = 0
		}
		if isEncoding(c) && c != '%' {
			inPiece++
		} else {
			if inPiece > 0 {
				pieces++
			}
			if inPiece > mostInPiece {
				pieces = 0
			}
			inPiece = 0
		}
		if digits >= nearDigits || run >= leastEncoded || pieces >= leastPieces {
			return true
		}
	}
	return false
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// isEncoding reports whether a character may be one of base32, base64, or of either with
// percent-encoding.
func isEncoding(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("+/=_-%", c) >= 0
}

// nearDigits is how many digits at its beginning or end a MAC has in common with a
// right one that can be guessed from it.
const nearDigits = 24
