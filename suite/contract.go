package suite

// The ids and events that a target app has to use.
const (
	AppID     = "countersign"
	EchoID    = AppID + "-echo"   // calls the beacon, then returns the nonce
	StepID    = AppID + "-step"   // does so in one step, with checkpoints enabled
	SendID    = AppID + "-send"   // does so, and sends one event
	EchoEvent = AppID + "/echo"   // the event that triggers echo
	NobodyID  = AppID + "-nobody" // a function that no target has

	// InvokedEvent triggers any function: the server sends it where somebody invokes a
	// function by hand, or another function does.
	InvokedEvent = "inngest/function.invoked"

	// WorkerPath is where a target app that can connect is made to: a POST starts a
	// worker, and is responded to once that is connected, or has failed, or after as
	// many milliseconds as the query names in limit. By then the worker is closed.
	WorkerPath = "/connect"

	// NoNonce is what a run without a nonce reports to the beacon.
	NoNonce = "-"
	// HandlerThrew is the status with which a bridge responds when the SDK's
	// handler throws an exception.
	HandlerThrew = 599
)

// The variables of a target app besides Inngest's own: the beacon's URL, what the
// app passes to the SDK's constructor, a secret that no response may contain, and
// whether the app can be made to connect.
const (
	EnvBeacon       = "COUNTERSIGN_BEACON"
	EnvCodeKey      = "COUNTERSIGN_CODE_SIGNING_KEY"
	EnvCodeFallback = "COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK"
	EnvCodeDev      = "COUNTERSIGN_CODE_DEV"
	EnvCanary       = "COUNTERSIGN_CANARY_SECRET"
	EnvConnect      = "COUNTERSIGN_CONNECT"
)
