package suite

// The contract of a target app: what it has to serve, and by which names.
const (
	AppID     = "countersign"
	EchoID    = AppID + "-echo"   // calls the beacon, then returns its nonce
	StepID    = AppID + "-step"   // besides, makes one step and checkpoints it
	SendID    = AppID + "-send"   // besides, sends one event
	EchoEvent = AppID + "/echo"   // the event that triggers echo
	NobodyID  = AppID + "-nobody" // a function that no target has

	// NoNonce is what the beacon hears of a run that has no nonce.
	NoNonce = "-"
	// HandlerThrew is the status with which a bridge responds for an SDK whose
	// exception left the SDK.
	HandlerThrew = 599
)

// Variables of a target's app besides Inngest's own: the beacon's URL, what the
// app passes to the SDK's constructor, and a secret that no response may contain.
const (
	EnvBeacon       = "COUNTERSIGN_BEACON"
	EnvCodeKey      = "COUNTERSIGN_CODE_SIGNING_KEY"
	EnvCodeFallback = "COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK"
	EnvCodeDev      = "COUNTERSIGN_CODE_DEV"
	EnvCanary       = "COUNTERSIGN_CANARY_SECRET"
)
