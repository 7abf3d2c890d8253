package main

import (
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
)

// A command is one call of the deploy command.
type command struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	global         globalFlags
	// answers are what a person types.
	answers answers
	// where are the flags of the command line that say which account, region and templates are meant.
	where []string
	// reported is set when the result was reported, so that an error is not told twice.
	reported bool
}

// globalFlags are those of all verbs.
type globalFlags struct {
	environment, region, profile, account, endpoint string
	output, progress, color                         string
	quiet, verbose, nonInteractive                  bool
	timeout                                         time.Duration
	requestsPerSecond                               float64
	templates, root, onInterrupt                    string
}

// planFlags are those of plan, apply and bootstrap.
type planFlags struct {
	params                                          []string
	values, tags, images                            []string
	allowReplace, allowDelete                       []string
	role, approval, out, plan, markdown             string
	detailed, yes, noRollback, force, flat, express bool
	detach, noAdmin                                 bool
	waitLock                                        time.Duration
	scan                                            scanFlags
}

const help = `deploy brings CloudFormation templates to an AWS account: it proposes a change set, shows what would change in every
nested stack, asks, executes, follows it to the end, and tells why something failed.

The exit code tells a pipeline what happened; go run flattens it to 0 or 1, so call "go tool deploy" or a built binary there:
  0 done, or nothing to do      4 failed and rolled back         8 still running: deploy watch
  1 unexpected error            5 failed, needs a person        64 wrong usage
  2 differences (if asked for)  6 refused by a gate            130, 143 interrupted
  3 not approved                7 busy: lock or operation`

// root is the tree of commands.
func (c *command) root() *cobra.Command {
	root := &cobra.Command{Use: "deploy", Short: "Deploy CloudFormation templates by change sets", Long: help, SilenceErrors: true, SilenceUsage: true,
		Example: "  deploy rehearse -e dev                       see a whole life on this machine, without an account\n" +
			"  deploy bootstrap -e dev                      artifact bucket, registries and the deploy role\n" +
			"  deploy plan -e dev                           what would change\n" +
			"  deploy apply -e dev                          change it\n" +
			"  deploy destroy -e dev --confirm dev          remove it without a trace",
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			c.where = places(cmd.Flags())
			if err := fromEnvironment(cmd.Flags()); err != nil {
				return err
			}
			return c.beforehand(cmd)
		},
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknown(cmd, args)
			}
			return cmd.Help()
		}}
	c.globals(root.PersistentFlags())
	root.AddCommand(c.verbs()...)
	completion(root)
	strict(root)
	return root
}

func (c *command) globals(f *pflag.FlagSet) {
	g := &c.global
	f.StringVarP(&g.environment, "env", "e", "", "environment suffix, 1 to 12 characters such as dev or qa7")
	f.StringVar(&g.region, "region", "", "AWS region, us-east-1 for this platform (default AWS_REGION)")
	f.StringVar(&g.profile, "profile", "", "profile of the AWS configuration")
	f.StringVar(&g.account, "account", "", "refuse any account but this one")
	f.StringVar(&g.endpoint, "endpoint-url", "", "address of an emulator for all services (default AWS_ENDPOINT_URL)")
	f.StringVarP(&g.output, "output", "o", "human", "human or json (one object a line)")
	f.StringVar(&g.progress, "progress", "auto", "auto, tree, lines, github or none")
	f.StringVar(&g.color, "color", "auto", "auto, always or never; NO_COLOR and TERM=dumb win over auto")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "only the result")
	f.BoolVarP(&g.verbose, "verbose", "v", false, "also what is folded: disproved changes, details")
	f.BoolVar(&g.nonInteractive, "non-interactive", false, "never ask (implied by CI=true or when stdin is no terminal)")
	f.DurationVar(&g.timeout, "timeout", 0, "stop following after this long; AWS goes on (default: follow to the end)")
	f.Float64Var(&g.requestsPerSecond, "max-rps", 1.5, "budget of calls to CloudFormation a second")
	f.StringVar(&g.onInterrupt, "on-interrupt", string(deploy.Detach), "what a signal does to a running operation where nobody is asked: detach or cancel")
	f.StringVar(&g.templates, "templates", "golden", "directory of the templates")
	f.StringVar(&g.root, "root", "platform.yaml", "root template in that directory")
}

// places are the flags given that say which account, region and templates are meant; a shell keeps variables by itself.
func places(flags *pflag.FlagSet) (given []string) {
	for _, name := range []string{"region", "profile", "account", "endpoint-url", "templates", "root"} {
		if f := flags.Lookup(name); f.Changed {
			given = append(given, "--"+name, f.Value.String())
		}
	}
	return given
}

func (p *planFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&p.params, "params", nil, "parameter file, YAML or JSON (default environments/<suffix>.yaml)")
	f.StringArrayVarP(&p.values, "param", "p", nil, "NAME=VALUE of a parameter; wins over files")
	f.StringArrayVar(&p.images, "image", nil, "NAME=sha256:… or NAME=TAG of an image, for a first deployment: payment-api=sha256:…; a tag is looked up once")
	f.StringArrayVar(&p.tags, "tag", nil, "KEY=VALUE tag of the stack; tags reach every resource: nothing that changes with each deployment")
	f.StringVar(&p.role, "role-arn", "", "role that CloudFormation acts as (default: the environment's deploy role)")
	f.BoolVar(&p.flat, "no-nested", false, "make no change sets of nested stacks; the preview is incomplete")
	f.StringArrayVar(&p.allowReplace, "allow-replace", nil, "LogicalID or stack/LogicalID of a stateful resource that may be replaced")
	f.StringArrayVar(&p.allowDelete, "allow-delete", nil, "LogicalID or stack/LogicalID of a stateful resource that may be deleted")
}

func (p *planFlags) addApproval(f *pflag.FlagSet) {
	f.BoolVarP(&p.yes, "yes", "y", false, "approve the change set; never replaces or deletes what is stateful")
	f.StringVar(&p.approval, "require-approval", changeset.RequireAny, "any, broadening (only what broadens access) or never")
	f.BoolVar(&p.noRollback, "no-rollback", false, "leave what failed as it is, to look at it")
	f.BoolVar(&p.detach, "detach", false, "end when the operation has begun, with exit code 8; watch follows it")
	f.BoolVar(&p.force, "force", false, "make a change set even where nothing seems to change")
	f.DurationVar(&p.waitLock, "wait-lock", 0, "wait this long for the environment's lock")
}
