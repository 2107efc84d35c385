package io.byssus.benchmarks.load;

import java.util.List;

/**
 * The echo load generator: loads a server for a while to warm it up, then measures for a while, and
 * prints one {@link ResultLine}.
 */
public final class EchoLoad {
    private EchoLoad() {}

    public static void main(String[] arguments) {
        LoadOptions options =
                LoadOptions.parse(
                        arguments,
                        "  --size B             bytes per message, default 64\n",
                        List.of("size"));
        MeasuredRun.runProgram(options, Exchange.echo(options.special("size", 64)));
    }
}
