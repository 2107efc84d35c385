package io.byssus.examples;

import io.byssus.net.Connection;
import io.byssus.net.ListenOptions;
import io.byssus.net.Listener;
import io.byssus.net.tls.Tls;
import io.byssus.net.tls.TlsClient;
import io.byssus.net.tls.TlsClientOptions;
import io.byssus.net.tls.TlsInfo;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** An echo server over TLS, and its client. */
@Command(
        name = "tls-echo",
        description = "Echo over TLS; with --connect, its client.",
        footer = {
            "",
            "Without --tls-cert the server makes a certificate that signs itself, and says where"
                    + " it is:",
            "  ./byssus tls-echo",
            "  ./byssus tls-echo --connect localhost --tls-trust FILE 'Who hears this?'"
        })
final class TlsEcho implements Callable<Integer> {
    @Mixin private ServerOptions options;

    @Option(
            names = "--connect",
            paramLabel = "HOST",
            description = "be a client of this server, on --port, and say each WORD to it")
    private String host;

    @Option(
            names = "--tls-trust",
            paramLabel = "FILE",
            description =
                    "the client trusts these certificates (PEM); by default those that Java does")
    private Path trusted;

    @Parameters(paramLabel = "WORD", description = "what the client says", arity = "0..*")
    private List<String> words = List.of();

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        return host == null ? serve() : talk();
    }

    private int serve() throws IOException {
        if (!words.isEmpty() || trusted != null) {
            throw new ParameterException(
                    spec.commandLine(), "--tls-trust and words are for the client: --connect HOST");
        }
        if (!options.speaksTls()) {
            DemoCertificate demo = DemoCertificate.make();
            System.out.println("certificate " + demo.certificate());
            options.useTls(demo.certificate(), demo.key());
        }
        return Byssus.run(options.runtime(), shards -> shards.onEach(this::serviceLoop));
    }

    private void serviceLoop() throws IOException {
        try (Listener listener = options.listen(ListenOptions.reuseAddress())) {
            while (true) {
                Connection connection = listener.accept().connection(); // no handshake yet
                Fiber.start("tls-echo", () -> handleConnection(connection));
            }
        }
    }

    private static void handleConnection(Connection connection) throws IOException {
        try (connection;
                var in = connection.input();
                var out = connection.output()) {
            for (Buffer buffer = in.read(); !buffer.isEmpty(); buffer = in.read()) {
                out.write(buffer); // the buffer belongs to the stream now
                out.flush();
            }
        }
    }

    private int talk() throws IOException {
        TlsClientOptions trust =
                trusted == null
                        ? TlsClientOptions.defaults()
                        : TlsClientOptions.defaults().withTrusted(trusted);
        TlsClient client = TlsClient.of(trust); // reads files, so before the shards start
        return Byssus.run(options.runtime().smp(1), shards -> ask(client));
    }

    private void ask(TlsClient client) throws IOException {
        try (Connection connection = Tls.connect(host, options.port(), client)) {
            TlsInfo info = Tls.info(connection);
            System.out.println(info.version().protocol() + " " + info.cipherSuite());
            for (String word : words) {
                connection.output().write(word);
                connection.output().flush();
                int length = word.getBytes(StandardCharsets.UTF_8).length;
                try (Buffer answer = connection.input().readExactly(length)) {
                    System.out.println(answer.toString(StandardCharsets.UTF_8));
                }
            }
        }
    }
}
