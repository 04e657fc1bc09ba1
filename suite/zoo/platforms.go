package zoo

import (
	"net/http"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// onPlatforms are the mutants that are led astray by what platforms set.
func onPlatforms() []Mutant {
	return []Mutant{
		offWhere("off-in-previews", "modes.vercel-preview", "a preview on Vercel is not verified", "VERCEL_ENV", "preview"),
		offWhere("off-in-deploy-previews", "modes.netlify-preview", "a deploy preview on Netlify is not verified", "CONTEXT", "deploy-preview"),
		offWhere("off-for-pull-requests", "modes.render-preview", "a pull request's deployment on Render is not verified", "IS_PULL_REQUEST", "true"),
		offWhere("off-in-railway-environments", "modes.railway-preview", "an environment for a pull request on Railway is not verified", "RAILWAY_ENVIRONMENT_NAME", "pr-42"),
		offWhere("off-on-pages", "modes.cloudflare-pages", "where Cloudflare Pages names a branch, nothing is verified", "CF_PAGES_BRANCH", "feature/countersign"),
		offWhere("off-on-build-machines", "modes.build-machine", "with CI=true, nothing is verified", "CI", "true"),
		offWhere("off-in-tests", "modes.under-test", "with NODE_ENV=test, nothing is verified", "NODE_ENV", "test"),
		offWhere("off-in-development", "modes.on-laptop", "with NODE_ENV=development, nothing is verified, whatever INNGEST_DEV says", "NODE_ENV", "development"),
		offWhere("off-in-emulators", "modes.emulated", "in AWS SAM's local emulator, nothing is verified", "AWS_SAM_LOCAL", "true"),
		offWhere("platform-is-trusted", "modes.in-production", "in production on Vercel, what comes in counts as verified by the platform", "VERCEL_ENV", "production"),
		offWhere("off-under-pytest", "modes.platforms", "in a Python test, nothing is verified", "PYTEST_CURRENT_TEST", "tests/test_countersign.py::test_call (call)"),
		{
			Name: "locked-out-under-test", Part: ModesPart, Kills: "modes.platforms-signed",
			Defect: "in a test of RSpec's kind the key is not loaded, and everything is refused",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Getenv("RACK_ENV") == "test" }),
		},
		{
			Name: "local-time", Part: Window, Kills: "modes.west-of-utc",
			Defect: "the time of a signature is read as local time, and the future is not limited",
			Break:  inLocalTime(func(age time.Duration) bool { return age <= reference.MaxAge }),
		},
		{
			Name: "local-time-both-ways", Part: Window, Kills: "modes.west-of-utc-signed",
			Defect: "the time of a signature is read as local time",
			Break:  inLocalTime(func(age time.Duration) bool { return age <= reference.MaxAge && age >= -time.Minute }),
		},
		{
			Name: "local-time-in-the-east", Part: Window, Kills: "modes.east-of-utc-signed",
			Defect: "east of UTC, the time of a signature is read as local time",
			Break: inLocalTime(func(age time.Duration) bool {
				return age <= reference.MaxAge && age >= -time.Minute || age < -time.Hour
			}),
		},
		{
			Name: "no-window-in-tests", Part: Window, Kills: "modes.platforms-expired",
			Defect: "with NODE_ENV=test, signatures do not expire, so that recorded requests can be used",
			Break:  forgiveWhich(reference.ErrExpired, func(c *reference.Context) bool { return c.Getenv("NODE_ENV") == "test" }),
		},
		{
			Name: "platform-branch-not-sent", Part: Outbound, Kills: "sending.platform-branch",
			Defect: "only INNGEST_ENV is sent as X-Inngest-Env, and not what a platform calls the branch",
			Break: readingEnvironment(func(getenv func(string) string, name string) string {
				if strings.Contains(name, "BRANCH") || strings.HasSuffix(name, "_REF") {
					return ""
				}
				return getenv(name)
			}),
		},
		ignores("vercel-branch-unknown", "sending.vercel-branch", "VERCEL_GIT_COMMIT_REF"),
		ignores("netlify-branch-unknown", "sending.netlify-branch", "BRANCH"),
		ignores("render-branch-unknown", "sending.render-branch", "RENDER_GIT_BRANCH"),
		ignores("railway-branch-unknown", "sending.railway-branch", "RAILWAY_GIT_BRANCH"),
		ignores("pages-branch-unknown", "sending.cloudflare-branch", "CF_PAGES_BRANCH"),
		{
			Name: "platform-over-environment", Part: Outbound, Kills: "sending.environment-over-platform",
			Defect: "the branch that a platform names is sent in place of INNGEST_ENV",
			Break: readingEnvironment(func(getenv func(string) string, name string) string {
				if branch := getenv("VERCEL_GIT_COMMIT_REF"); name == reference.EnvEnvironment && branch != "" {
					return branch
				}
				return getenv(name)
			}),
		},
	}
}

// offWhere is a mutant that does not verify where a variable has a value.
func offWhere(name, kills, defect, variable, value string) Mutant {
	return Mutant{Name: name, Part: ModesPart, Kills: kills, Defect: defect, Break: letIn(func(e *reference.Endpoint, _ *http.Request, _ []byte) bool {
		return e.Getenv(variable) == value
	})}
}

// ignores is a mutant that does not know what one platform calls the branch.
func ignores(name, kills, variable string) Mutant {
	return Mutant{
		Name: name, Part: Outbound, Kills: kills, Defect: variable + " is not sent as X-Inngest-Env",
		Break: readingEnvironment(func(getenv func(string) string, name string) string {
			if name == variable {
				return ""
			}
			return getenv(name)
		}),
	}
}

func readingEnvironment(read func(getenv func(string) string, name string) string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		getenv := e.Getenv
		e.Getenv = func(name string) string { return read(getenv, name) }
	}
}

// offsets are those of the time zones in which targets are judged.
var offsets = map[string]time.Duration{
	"America/St_Johns": -(3*time.Hour + 30*time.Minute),
	"Asia/Kathmandu":   5*time.Hour + 45*time.Minute,
}

// inLocalTime compares a time in UTC with the local time of day.
func inLocalTime(fits func(age time.Duration) bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		check := e.CheckWindow
		e.CheckWindow = func(at, now time.Time) error {
			offset, elsewhere := offsets[e.Getenv("TZ")]
			if !elsewhere {
				return check(at, now)
			}
			if !fits(now.Add(offset).Sub(at)) {
				return reference.ErrExpired
			}
			return nil
		}
	}
}
