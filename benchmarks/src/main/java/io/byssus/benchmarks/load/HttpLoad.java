package io.byssus.benchmarks.load;

import java.util.List;

/**
 * The load generator for pipelined HTTP, in place of wrk.
 *
 * <p>wrk is the load for plain HTTP. Under pipelining its percentiles mean nothing: it corrects for
 * coordinated omission by the mean time between <em>requests</em> of a connection while it times
 * whole <em>batches</em>, so that each batch is taken for a stall (measured with 4.1: a p99 of 0).
 * This one sends the same bytes in the same closed loop and prints what it saw.
 */
public final class HttpLoad {
    private HttpLoad() {}

    public static void main(String[] arguments) {
        LoadOptions options =
                LoadOptions.parse(
                        arguments,
                        """
                          --pipeline N         requests per batch, default 1
                          --response-bytes B   length of one whole response, default 78
                        """,
                        List.of("pipeline", "response-bytes"));
        MeasuredRun.runProgram(
                options,
                Exchange.http(
                        options.port(),
                        options.special("pipeline", 1),
                        options.special("response-bytes", 78)));
    }
}
