package main

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// headerTable: spellings of t with the MAC over just that spelling, so that
// only a strict reader refuses them.
func headerTable(b *book) {
	t := now.Unix()
	for _, h := range []struct{ name, level, spelling, comment string }{
		{"plus", should, "t=+{t}&s={s}", "a plus sign"},
		{"two-zeros", should, "t=00{t}&s={s}", "two leading zeros"},
		{"blank-behind", must, "t={t} &s={s}", "a blank behind"},
		{"blank-before", should, "t= {t}&s={s}", "a blank before"},
		{"point", must, "t={t}.&s={s}", "a point behind"},
		{"comma", must, "t={t},0&s={s}", "a comma and more digits"},
		{"zero-byte", must, "t={t}%00&s={s}", "a percent-encoded zero byte behind"},
		{"hexadecimal", should, fmt.Sprintf("t=0x%x&s={s}", t), "hexadecimal"},
		{"grouped", should, "t=1_767_323_045&s={s}", "digits grouped by underscores"},
		{"arabic-digits", should, "t=١٧٦٧٣٢٣٠٤٥&s={s}", "Arabic-Indic digits"},
		{"date", must, "t=2026-01-02T03:04:05Z&s={s}", "a date"},
		{"infinity", must, "t=Infinity&s={s}", "Infinity is never too old"},
		{"negative-zero", should, "t=-0&s={s}", "minus zero"},
		{"wraps-32", must, fmt.Sprintf("t=%d&s={s}", t+1<<32), "wraps around 32 bits to just now"},
		{"int64-last", must, "t=9223372036854775807&s={s}", "the last number of 64 signed bits: a difference with it overflows"},
		{"float-last", must, "t=1.7976931348623157e308&s={s}", "the last double"},
		{"microseconds", must, "t={t}000000&s={s}", "microseconds"},
		{"thousand-digits", must, "t=" + strings.Repeat("9", 1000) + "&s={s}", "a thousand digits"},
	} {
		c := about("t-table."+h.name, "4.1.3", 4, h.level, replay, h.comment, "TForm")
		b.enter(reading("R9", c), suite.Case{When: suite.Call{Header: h.spelling}}, suite.Refuses)
	}
	for _, h := range []struct{ name, reading, spelling, comment string }{
		{"extra-first", "R7", "v=1&t={t}&s={s}", "another parameter first"},
		{"and-behind", "R7", "t={t}&s={s}&", "an ampersand behind"},
		{"s-same-twice", "R8", "t={t}&s={s}&s={s}", "the right s twice"},
		{"t-same-twice", "R8", "t={t}&t={t}&s={s}", "the right t twice"},
		{"header-same-twice", "R8", "t={t}&s={s}\nt={t}&s={s}", "the right header twice"},
	} {
		c := about("header-table."+h.name, "4.1.1", 2, may, interoperability, h.comment, headerFlag(h.spelling))
		b.enter(reading(h.reading, c), suite.Case{When: suite.Call{Header: h.spelling}}, suite.Leaves)
	}
}

// headerFlag is the flag of a spelling of the header.
func headerFlag(spelling string) string {
	switch {
	case strings.Contains(spelling, "\n") || strings.Count("&"+spelling, "&t=") > 1 || strings.Count("&"+spelling, "&s=") > 1:
		return "Repeated"
	case strings.Contains(spelling, "t={t}&s={s:") && !strings.Contains(spelling, "upper"):
		return "WrongMAC"
	case strings.HasPrefix(spelling, "t=") && strings.HasSuffix(spelling, "&s={s}") && spelling != "t=&s={s}":
		return "TForm"
	}
	return "HeaderForm"
}

// macTable: MACs that are nearly right.
func macTable(b *book) {
	made := suite.Make(suite.Call{}, scene(ring))
	mac := made.MAC
	other := func(digit byte) string {
		if digit == '0' {
			return "1"
		}
		return "0"
	}
	zeros := strings.Repeat("0", 32)
	for _, m := range []struct{ name, mac, comment string }{
		{"first-digit", other(mac[0]) + mac[1:], "the first digit is off"},
		{"middle-digit", mac[:32] + other(mac[32]) + mac[33:], "a digit in the middle is off"},
		{"first-half-right", mac[:32] + zeros, "only the first half is right"},
		{"second-half-right", zeros + mac[32:], "only the second half is right"},
		{"halves-swapped", mac[32:] + mac[:32], "the halves are swapped"},
		{"all-but-last-byte", mac[:62] + zeros[:1] + other(mac[62]), "the last byte is off"},
	} {
		c := about("mac-table."+m.name, "4.1.3", 5, must, forgery, m.comment, "WrongMAC")
		request := made.Request
		request.Header = append([]suite.Field{}, request.Header...)
		for i, field := range request.Header {
			if field.Name == reference.HeaderSignature {
				request.Header[i].Value = strings.Replace(field.Value, mac, m.mac, 1)
			}
		}
		v := arrive(twinned(c, "receiving.signed", "signature"), held(ring.Primary.Text()), request)
		b.judge(&v, suite.Refuses)
		v.Sender = senderOf(suite.Call{})
		b.add(v)
	}
}
