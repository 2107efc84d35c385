package io.byssus.benchmarks.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate for {@code localhost} that signs itself, by {@code openssl}: ECDSA on P-256. */
final class DemoCertificate {
    static final String CERTIFICATE = "certificate.pem";
    static final String KEY = "key.pem";
    static final List<String> NAMES = List.of(CERTIFICATE, KEY);

    private DemoCertificate() {}

    static void make(Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
        command.addAll(List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
        command.addAll(List.of("-days", "2", "-subj", "/CN=localhost"));
        command.addAll(List.of("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"));
        command.addAll(List.of("-keyout", folder.resolve(KEY).toString()));
        command.addAll(List.of("-out", folder.resolve(CERTIFICATE).toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
    }
}
