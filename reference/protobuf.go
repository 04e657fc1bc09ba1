package reference

import (
	"encoding/binary"
	"errors"
)

// The wire types of protobuf that connections use.
const (
	wireVarint = 0
	wireBytes  = 2
)

// protobuf is a message as its fields are encoded one after the other.
type protobuf []byte

// text appends a field of text, of bytes or of a message; an empty one is left out.
func (m protobuf) text(field uint64, value string) protobuf {
	if value == "" {
		return m
	}
	m = binary.AppendUvarint(m, field<<3|wireBytes)
	m = binary.AppendUvarint(m, uint64(len(value)))
	return append(m, value...)
}

// number appends a field of a number; zero is left out.
func (m protobuf) number(field, value uint64) protobuf {
	if value == 0 {
		return m
	}
	return binary.AppendUvarint(binary.AppendUvarint(m, field<<3|wireVarint), value)
}

// errProtobuf is the reason for refusing a message.
var errProtobuf = errors.New("no protobuf message of texts and numbers")

// fields are the last values of each field: its bytes, or its number.
func (m protobuf) fields() (texts map[uint64]string, numbers map[uint64]uint64, err error) {
	texts, numbers = map[uint64]string{}, map[uint64]uint64{}
	for len(m) > 0 {
		key, size := binary.Uvarint(m)
		if size <= 0 {
			return nil, nil, errProtobuf
		}
		m = m[size:]
		value, size := binary.Uvarint(m)
		if size <= 0 {
			return nil, nil, errProtobuf
		}
		m = m[size:]
		switch {
		case key&7 == wireVarint:
			numbers[key>>3] = value
		case key&7 == wireBytes && value <= uint64(len(m)):
			texts[key>>3], m = string(m[:value]), m[value:]
		default:
			return nil, nil, errProtobuf
		}
	}
	return texts, numbers, nil
}
