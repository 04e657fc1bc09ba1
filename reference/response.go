package reference

import (
	"encoding/json"
	"net/http"
)

func jsonResponse(status int, value any) Response {
	body, err := json.Marshal(value)
	if err != nil {
		return jsonResponse(http.StatusInternalServerError, errorBody{"Error", "the response cannot be encoded"})
	}
	return Response{status, http.Header{"Content-Type": {"application/json"}}, body}
}

// errorBody is the body of an error response.
type errorBody struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// Refuse responds with 500 whatever the reason, which it does not reveal (SPEC 4.1.3).
func Refuse(*Context, error) Response {
	return jsonResponse(http.StatusInternalServerError, errorBody{"Unauthorized", "the request was refused"})
}

// methodNotAllowed responds with 405 and discloses nothing.
func methodNotAllowed(*Context) Response {
	r := jsonResponse(http.StatusMethodNotAllowed, errorBody{"MethodNotAllowed", "use GET, POST or PUT"})
	r.Header.Set("Allow", "GET, POST, PUT")
	return r
}

// failure is the response to an authenticated request that cannot be fulfilled.
func failure(status int, err error) Response {
	r := jsonResponse(status, errorBody{"Error", err.Error()})
	r.Header.Set("X-Inngest-No-Retry", "false")
	return r
}

// probe responds with 200 and runs nothing.
func probe(*Context) Response { return jsonResponse(http.StatusOK, struct{}{}) }

// finishResponse sets the SDK's headers on every response (SPEC 4.1.2) and
// signs the response to a verified request with the key that verified it.
func finishResponse(c *Context, r *Response) {
	r.Header.Set(HeaderSDK, SDK)
	if c.Request.Method == http.MethodPost {
		r.Header.Set(HeaderRequestVersion, "2")
	}
	if c.MatchedKey == NoKey || c.Err != nil {
		return
	}
	if s, err := c.SignResponse(c.Keys.get(c.MatchedKey), r.Body, c.Now()); err == nil {
		r.Header.Set(HeaderSignature, s.String())
	}
}
