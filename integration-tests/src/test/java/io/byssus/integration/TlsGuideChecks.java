package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What {@code docs/guide-tls.md} promises. */
final class TlsGuideChecks {
    static final Map<String, GuideCheck> ALL = Map.of("TlsEcho", TlsGuideChecks::tlsEcho);

    private TlsGuideChecks() {}

    static void tlsEcho(CompiledProgram program) throws Exception {
        Path folder = Files.createTempDirectory("byssus-tls");
        TestCertificates certificates = TestCertificates.in(folder);
        try (Child child =
                program.start(
                        List.of(
                                "-Dcertificate=" + certificates.certificate(),
                                "-Dkey=" + certificates.key()),
                        "--smp",
                        "1")) {
            assertThat(child.awaitEnd().out()).isEqualTo("TLSv1.3\nWho hears this?\n");
        } finally {
            Files.delete(certificates.certificate());
            Files.delete(certificates.key());
            Files.delete(folder);
        }
    }
}
