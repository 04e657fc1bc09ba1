package main

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// headerTable adds forms of t with a MAC that covers exactly that text, so that
// only a strict parser refuses them. Only the signer can make them, so that
// refusing them is hardening (R9).
func headerTable(b *verifyBuilder) {
	t := now.Unix()
	for _, h := range []struct{ name, format, comment string }{
		{"plus", "t=+{t}&s={s}", "a plus sign"},
		{"two-zeros", "t=00{t}&s={s}", "two leading zeros"},
		{"blank-behind", "t={t} &s={s}", "a trailing space"},
		{"blank-before", "t= {t}&s={s}", "a leading space"},
		{"point", "t={t}.&s={s}", "a trailing decimal point"},
		{"comma", "t={t},0&s={s}", "a comma and more digits"},
		{"zero-byte", "t={t}%00&s={s}", "a trailing percent-encoded NUL byte"},
		{"hexadecimal", fmt.Sprintf("t=0x%x&s={s}", t), "hexadecimal"},
		{"grouped", "t=1_767_323_045&s={s}", "digits grouped by underscores"},
		{"arabic-digits", "t=١٧٦٧٣٢٣٠٤٥&s={s}", "Arabic-Indic digits"},
		{"date", "t=2026-01-02T03:04:05Z&s={s}", "a date"},
		{"infinity", "t=Infinity&s={s}", "Infinity, which is never too old"},
		{"negative-zero", "t=-0&s={s}", "minus zero"},
		{"wraps-32", fmt.Sprintf("t=%d&s={s}", t+1<<32), "wraps around to the present in 32 bits"},
		{"int64-last", "t=9223372036854775807&s={s}", "the largest signed 64-bit integer, whose difference overflows"},
		{"float-last", "t=1.7976931348623157e308&s={s}", "the largest double"},
		{"microseconds", "t={t}000000&s={s}", "microseconds"},
		{"thousand-digits", "t=" + strings.Repeat("9", 1000) + "&s={s}", "1000 digits"},
	} {
		c := about("t-table."+h.name, "4.1.3", 4, should, replay, h.comment, "TForm")
		b.addRequest(ambiguous("R9", c), suite.Case{When: suite.Call{Header: h.format}}, suite.Refuses)
	}
	for _, h := range []struct{ name, ambiguity, format, comment string }{
		{"extra-first", "R7", "v=1&t={t}&s={s}", "an extra parameter first"},
		{"and-behind", "R7", "t={t}&s={s}&", "a trailing ampersand"},
		{"s-same-twice", "R8", "t={t}&s={s}&s={s}", "s twice, with equal values"},
		{"t-same-twice", "R8", "t={t}&t={t}&s={s}", "t twice, with equal values"},
		{"header-same-twice", "R8", "t={t}&s={s}\nt={t}&s={s}", "the header twice, with equal values"},
	} {
		c := about("header-table."+h.name, "4.1.1", 2, may, interoperability, h.comment, headerFlag(h.format))
		b.addRequest(ambiguous(h.ambiguity, c), suite.Case{When: suite.Call{Header: h.format}}, suite.Unspecified)
	}
}

// headerFlag returns the flag of a header format.
func headerFlag(format string) string {
	switch {
	case strings.Contains(format, "\n") || strings.Count("&"+format, "&t=") > 1 || strings.Count("&"+format, "&s=") > 1:
		return "Repeated"
	case strings.Contains(format, "t={t}&s={s:") && !strings.Contains(format, "upper"):
		return "WrongMAC"
	case strings.HasPrefix(format, "t=") && strings.HasSuffix(format, "&s={s}") && format != "t=&s={s}":
		return "TForm"
	}
	return "HeaderForm"
}

// macTable adds MACs that are almost right.
func macTable(b *verifyBuilder) {
	made := suite.Make(suite.Call{}, scene)
	mac := made.MAC
	other := func(digit byte) string {
		if digit == '0' {
			return "1"
		}
		return "0"
	}
	zeros := strings.Repeat("0", 32)
	for _, m := range []struct{ name, mac, comment string }{
		{"first-digit", other(mac[0]) + mac[1:], "the first digit is wrong"},
		{"middle-digit", mac[:32] + other(mac[32]) + mac[33:], "a digit in the middle is wrong"},
		{"first-half-right", mac[:32] + zeros, "only the first half is right"},
		{"second-half-right", zeros + mac[32:], "only the second half is right"},
		{"halves-swapped", mac[32:] + mac[:32], "the halves are swapped"},
		{"all-but-last-byte", mac[:62] + zeros[:1] + other(mac[62]), "the last byte is wrong"},
	} {
		c := about("mac-table."+m.name, "4.1.3", 5, must, forgery, m.comment, "WrongMAC")
		request := made.Request
		request.Header = append([]suite.Field{}, request.Header...)
		for i, field := range request.Header {
			if field.Name == reference.HeaderSignature {
				request.Header[i].Value = strings.Replace(field.Value, mac, m.mac, 1)
			}
		}
		v := newVerify(sentBy(suite.Anyone, withControl(c, "receiving.signed", "signature")), keysFrom(keyring.Primary.Text()), request)
		b.expect(&v, suite.Refuses)
		v.Sender = senderOf(suite.Call{})
		b.add(v)
	}
}
