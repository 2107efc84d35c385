package io.byssus.benchmarks.tls;

import io.byssus.benchmarks.RunningServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the two servers, in a process of its own. */
final class TlsPeer implements AutoCloseable {
    private final String name;
    private final RunningServer server;

    private TlsPeer(String name, RunningServer server) {
        this.name = name;
        this.server = server;
    }

    static TlsPeer start(String name, String provider, Path folder)
            throws IOException, InterruptedException {
        Class<?> main = name.equals("byssus") ? ByssusTlsServer.class : NettyTlsServer.class;
        List<String> command = java();
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of("--cert", folder.resolve(DemoCertificate.CERTIFICATE).toString()));
        command.addAll(List.of("--key", folder.resolve(DemoCertificate.KEY).toString()));
        command.addAll(List.of("--provider", provider));
        return new TlsPeer(name, RunningServer.start(command));
    }

    /** The beginning of a command line, with the flags that all servers have. */
    static List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Path root = Path.of(System.getProperty("byssus.root", ""));
        command.add("@" + root.resolve("config").resolve("jvm.options"));
        command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
        command.add("--enable-native-access=ALL-UNNAMED");
        return command;
    }

    String name() {
        return name;
    }

    int port() {
        return server.port();
    }

    long pid() {
        return server.pid();
    }

    @Override
    public void close() {
        server.close();
    }
}
