package suite

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // a wrong algorithm on purpose
	"crypto/sha1" //nolint:gosec // a wrong algorithm on purpose
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"slices"
)

// keyed are the other hashes that an HMAC can be made with.
var keyed = map[HashName]func() hash.Hash{
	"": sha256.New, SHA1: sha1.New, SHA512: sha512.New, MD5: md5.New, SHA224: sha256.New224, SHA384: sha512.New384,
	SHA512Half: sha512.New512_256, SHA3: func() hash.Hash { return sha3.New256() },
}

// keyless are the sums that anyone can make.
var keyless = map[HashName]func(message []byte) []byte{
	Plain:         func(m []byte) []byte { return sum256(string(m)) },
	PlainMD5:      func(m []byte) []byte { sum := md5.Sum(m); return sum[:] },
	PlainSHA1:     func(m []byte) []byte { sum := sha1.Sum(m); return sum[:] },
	PlainSHA512:   func(m []byte) []byte { sum := sha512.Sum512(m); return sum[:] },
	PlainTwice:    func(m []byte) []byte { return sum256(string(sum256(string(m)))) },
	CRC32:         func(m []byte) []byte { return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(m)) },
	MessageItself: slices.Clone[[]byte],
	KeyedByMessage: func(m []byte) []byte {
		mac := hmac.New(sha256.New, m)
		mac.Write(m)
		return mac.Sum(nil)
	},
}

func (h HashName) isKeyless() bool { return keyless[h] != nil }

func (h HashName) sum(key, message []byte) []byte {
	if sum, is := keyless[h]; is {
		return sum(message)
	}
	switch h {
	case KeyFirst:
		return sum256(string(key) + string(message))
	case KeyLast:
		return sum256(string(message) + string(key))
	case TwiceHashed:
		h, message = "", sum256(string(message))
	}
	mac := hmac.New(keyed[h], key)
	mac.Write(message)
	return mac.Sum(nil)
}
