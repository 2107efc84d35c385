package io.byssus.benchmarks;

import io.byssus.benchmarks.load.ResultLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A load generator's process, run to its end.
 *
 * <p>Its standard input stays open until its {@link ResultLine} has been read: a generator that
 * waits for the end of its input keeps its connections until then.
 */
final class LoadProcess {
    private LoadProcess() {}

    /**
     * Runs the load.
     *
     * @param onResult called at once when the result line has come, while the process still lives
     * @return the figures of its result line
     * @throws IOException when the load fails or prints no such line
     */
    static Map<String, Double> run(List<String> command, Consumer<Process> onResult)
            throws IOException, InterruptedException {
        Process process =
                Children.start(new ProcessBuilder(command).redirectError(Redirect.INHERIT));
        Optional<Map<String, Double>> result = Optional.empty();
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<Map<String, Double>> figures = ResultLine.parse(line);
                if (figures.isPresent()) {
                    result = figures;
                    onResult.accept(process);
                    process.outputWriter().close();
                } else {
                    said.append(line).append(System.lineSeparator());
                }
            }
            int status = process.waitFor();
            if (status != 0 || result.isEmpty()) {
                throw new IOException("the load failed, status=" + status + ": " + said);
            }
            return result.get();
        } finally {
            Children.stop(process);
        }
    }
}
