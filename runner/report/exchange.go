package report

// Exchange is one request of a case, the response and the effects.
type Exchange struct {
	Part        string       `json:"part"` // "control before", "the request", …
	Request     Request      `json:"request"`
	Response    *Response    `json:"response,omitempty"`
	NoResponse  string       `json:"noResponse,omitempty"` // why there is none
	Runs        int          `json:"runs"`                 // how often the function ran
	TookMS      int64        `json:"tookMs"`
	APIRequests []APIRequest `json:"apiRequests"` // from the target to the stand-in API meanwhile
	// APIRequestsCut is how many more of them there were.
	APIRequestsCut int `json:"apiRequestsCut,omitempty"`
}

// Request is what was sent to the target.
type Request struct {
	Method string `json:"method"`
	Target string `json:"target"`
	Header Header `json:"header"`
	Content
}

// Response is the target's.
type Response struct {
	Status int    `json:"status"`
	Header Header `json:"header"`
	// Unread says why not all of the response was looked at.
	Unread string `json:"unread,omitempty"`
	Content
}

// APIRequest is a request from the target to the stand-in API, with the status of
// the response.
type APIRequest struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	Bearer string `json:"bearer,omitempty"`
	Header Header `json:"header"`
	Status int    `json:"status"`
	Content
}

// Header is header fields as pairs of name and value.
type Header [][2]string

// Content is a body, as far as a report holds it.
type Content struct {
	Body     string `json:"body"`
	Encoding string `json:"encoding,omitempty"` // "base64" where the body is not UTF-8
	Length   int    `json:"length"`             // bytes of the whole body
	Cut      bool   `json:"cut,omitempty"`      // the body is longer than what is shown
	// HeaderCut is how many header fields are not shown.
	HeaderCut int `json:"headerCut,omitempty"`
}
