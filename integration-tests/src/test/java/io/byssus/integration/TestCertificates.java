package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A certificate, for {@code localhost} unless another name is given, that signs itself, made by
 * {@code openssl}.
 */
record TestCertificates(Path certificate, Path key) {
    static TestCertificates in(Path folder) {
        return in(folder, "localhost");
    }

    static TestCertificates in(Path folder, String name) {
        Path certificate = folder.resolve("certificate.pem");
        Path key = folder.resolve("key.pem");
        List<String> command =
                new ArrayList<>(
                        List.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"));
        command.addAll(List.of("-days", "30", "-subj", "/CN=" + name));
        command.addAll(List.of("-addext", "subjectAltName=DNS:" + name + ",IP:127.0.0.1"));
        command.addAll(List.of("-keyout", key.toString(), "-out", certificate.toString()));
        assertThat(Child.run("", command.toArray(String[]::new)).status()).isZero();
        return new TestCertificates(certificate, key);
    }
}
