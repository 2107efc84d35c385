package io.byssus.examples;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The launcher of the examples: {@code java -jar byssus-examples.jar NAME [options]}. */
@Command(
        name = "byssus-examples",
        description = "Byssus examples.",
        synopsisSubcommandLabel = "NAME")
public final class Examples implements Runnable {
    private static final List<Class<?>> COMMANDS =
            List.of(
                    AcceptServer.class,
                    HelloServer.class,
                    EchoServer.class,
                    UdpEchoServer.class,
                    TlsEcho.class,
                    HttpServer.class,
                    ProxyServer.class,
                    Fanout.class,
                    ListNames.class);

    @Spec private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and end")
    private boolean help;

    /** For picocli. */
    public Examples() {}

    public static void main(String[] args) {
        CommandLine commandLine = new CommandLine(new Examples());
        chosen(args).forEach(commandLine::addSubcommand);
        commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Examples::complain);
        System.exit(commandLine.execute(args));
    }

    /**
     * The one that is named, or all: each makes a server's start some hundredths of a second
     * longer.
     */
    private static List<Class<?>> chosen(String[] args) {
        for (Class<?> command : COMMANDS) {
            boolean named = args.length > 0 && nameOf(command).equals(args[0]);
            if (named && command != ListNames.class) {
                return List.of(command);
            }
        }
        return COMMANDS;
    }

    private static String nameOf(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Which example? './byssus list' shows them.");
    }

    /** One sentence, and a suggestion where there is one. */
    private static int complain(ParameterException e, String[] args) {
        CommandLine commandLine = e.getCommandLine();
        if (e instanceof UnmatchedArgumentException unmatched
                && commandLine.getCommandSpec().parent() == null) {
            String name = unmatched.getUnmatched().getFirst();
            commandLine
                    .getErr()
                    .println("'" + name + "' is no example; './byssus list' shows them");
        } else {
            commandLine.getErr().println(e.getMessage());
            UnmatchedArgumentException.printSuggestions(e, commandLine.getErr());
        }
        commandLine.getErr().flush();
        return commandLine.getCommandSpec().exitCodeOnInvalidInput();
    }

    @Command(name = "list", description = "List the examples, a line each.")
    static final class ListNames implements Runnable {
        @Spec private CommandSpec spec;

        @Override
        public void run() {
            spec.parent()
                    .subcommands()
                    .forEach((name, example) -> {
                        if (!name.equals(spec.name())) {
                            System.out.printf("%-8s  %s%n", name, describe(example));
                        }
                    });
        }

        private static String describe(CommandLine example) {
            return String.join(" ", example.getCommandSpec().usageMessage().description());
        }
    }
}
