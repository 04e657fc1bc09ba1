package suite

import "maps"

// Platform is where an app runs, as far as the variables that are set there show. None
// of them says whether requests are to be verified.
type Platform string

// The platforms. Each is named after what sets its variables.
const (
	Production      Platform = "in production"
	VercelPreview   Platform = "on Vercel, as a preview"
	NetlifyPreview  Platform = "on Netlify, as a deploy preview"
	RenderPreview   Platform = "on Render, for a pull request"
	RailwayPreview  Platform = "on Railway, for a pull request"
	CloudflarePages Platform = "on Cloudflare Pages, for a branch"
	BuildMachine    Platform = "on a build machine"
	UnderTest       Platform = "in a test"
	OnLaptop        Platform = "as in development"
	Emulated        Platform = "in an emulator of a cloud"
	Everywhere      Platform = "where previews, build machines and tests set their variables, west of UTC"
	WestOfUTC       Platform = "in a time zone west of UTC"
	EastOfUTC       Platform = "in a time zone east of UTC"
)

// Preview is the branch that platforms name.
const Preview = "feature/countersign"

// platforms are their variables, as their documentation has them.
var platforms = map[Platform]map[string]string{
	Production: {
		"NODE_ENV": "production", "RAILS_ENV": "production", "RACK_ENV": "production", "APP_ENV": "production", "MIX_ENV": "prod",
		"VERCEL": "1", "VERCEL_ENV": "production", "CONTEXT": "production", "RENDER": "true", "IS_PULL_REQUEST": "false",
		"RAILWAY_ENVIRONMENT_NAME": "production", "CF_PAGES": "1",
	},
	VercelPreview:   {"VERCEL": "1", "VERCEL_ENV": "preview", "VERCEL_TARGET_ENV": "preview", "VERCEL_GIT_COMMIT_REF": Preview, "NODE_ENV": "production"},
	NetlifyPreview:  {"NETLIFY": "true", "CONTEXT": "deploy-preview", "BRANCH": Preview},
	RenderPreview:   {"RENDER": "true", "IS_PULL_REQUEST": "true", "RENDER_GIT_BRANCH": Preview, "NODE_ENV": "production"},
	RailwayPreview:  {"RAILWAY_ENVIRONMENT_NAME": "pr-42", "RAILWAY_ENVIRONMENT": "pr-42", "RAILWAY_GIT_BRANCH": Preview},
	CloudflarePages: {"CF_PAGES": "1", "CF_PAGES_BRANCH": Preview},
	BuildMachine:    {"CI": "true", "CONTINUOUS_INTEGRATION": "true", "GITHUB_ACTIONS": "true", "GITLAB_CI": "true", "BUILD_NUMBER": "42"},
	UnderTest: {
		"NODE_ENV": "test", "RAILS_ENV": "test", "RACK_ENV": "test", "APP_ENV": "testing", "MIX_ENV": "test", "GO_ENV": "test",
		"JEST_WORKER_ID": "1", "VITEST": "true", "PYTEST_CURRENT_TEST": "tests/test_countersign.py::test_call (call)", "TESTING": "true",
	},
	OnLaptop: {
		"NODE_ENV": "development", "RAILS_ENV": "development", "RACK_ENV": "development", "APP_ENV": "local", "MIX_ENV": "dev", "GO_ENV": "development",
		"FLASK_ENV": "development", "ENVIRONMENT": "development", "VERCEL_ENV": "development", "CONTEXT": "dev",
	},
	Emulated:  {"AWS_SAM_LOCAL": "true", "FUNCTIONS_EMULATOR": "true", "IS_OFFLINE": "true", "CODESPACES": "true"},
	WestOfUTC: {"TZ": "America/St_Johns"},
	EastOfUTC: {"TZ": "Asia/Kathmandu"},
}

// everywhere are the platforms whose variables are set together.
var everywhere = []Platform{VercelPreview, NetlifyPreview, RenderPreview, RailwayPreview, CloudflarePages, BuildMachine, UnderTest, Emulated, WestOfUTC}

// Variables returns the variables of a platform. What selects the mode of a target is
// not changed by them: where a name is in both, the target's value counts.
func (p Platform) Variables() map[string]string {
	all := maps.Clone(platforms[p])
	if p == Everywhere {
		all = map[string]string{}
		for _, one := range everywhere {
			maps.Copy(all, platforms[one])
		}
	}
	return all
}
