package live

import "github.com/countersign-dev/countersign/suite"

// candidateSchema names the format of candidate.json.
const candidateSchema = "urn:countersign:candidate:3"

// Candidate is a finding on its way into the catalogue and the vectors. What only
// a human can say is left empty. Where it has a vector, the members of its head
// and of Vector are those of verify.json.
type Candidate struct {
	Schema string `json:"schema"`
	head
	*Vector
	// ControlVector is the vector that Control names, where verify.json has none.
	ControlVector *Vector       `json:"controlVector,omitempty"`
	NoVector      string        `json:"noVector,omitempty"` // why there is no vector
	Case          candidateCase `json:"case"`
	From          candidateFrom `json:"from"`
}

// head is the head of a case and of a vector.
type head struct {
	ID        string   `json:"id"`     // words, dotted, permanent: "receiving.expired"
	Clause    string   `json:"clause"` // "SPEC 4.1.3(4)"
	Level     string   `json:"level"`  // MUST or SHOULD
	Risk      string   `json:"risk"`
	Ambiguity string   `json:"ambiguity,omitempty"` // the ambiguity that it touches: "R5"
	Comment   string   `json:"comment"`             // what is required, as a sentence
	Flags     []string `json:"flags"`               // of the vector, from the head of verify.json
	// Control is the id of a valid vector that differs only in what Differs names.
	Control string   `json:"control,omitempty"`
	Differs []string `json:"differs,omitempty"`
}

// candidateCase is the rest of the case, as Go.
type candidateCase struct {
	Source string `json:"source"` // "KEYS 3"
	When   string `json:"when"`   // "Call{Age: -306 * time.Second}"
	Then   string `json:"then"`   // "refused()"
}

// candidateFrom is where a candidate comes from.
type candidateFrom struct {
	Finding  string      `json:"finding"` // the name of its folder
	Class    Class       `json:"class"`
	Level    suite.Level `json:"level"` // as it was found; the candidate's is for a human to say
	Observed string      `json:"observed"`
	Input    Input       `json:"input"`
}
