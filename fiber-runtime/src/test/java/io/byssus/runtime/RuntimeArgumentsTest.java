package io.byssus.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class RuntimeArgumentsTest {
    @Test
    void withoutArgumentsTheOptionsAreTheDefaults() {
        RuntimeOptions parsed = parse();
        RuntimeOptions defaults = new RuntimeOptions();
        assertThat(parsed).usingRecursiveComparison().isEqualTo(defaults);
    }

    @ParameterizedTest
    @CsvSource({
        "--smp=3, smp, 3",
        "-c=3, smp, 3",
        "--cpuset=0-3, cpuset, 0-3",
        "--thread-affinity=on, affinity, ON",
        "--thread-affinity=OFF, affinity, OFF",
        "--overprovisioned, overprovisioned, true",
        "--idle-poll-time-us=250, idlePollTime, PT0.00025S",
        "--task-quota-ms=0.25, taskQuota, PT0.00025S",
        "--stall-threshold=40ms, stallThreshold, PT0.04S",
        "--stall-threshold=1500us, stallThreshold, PT0.0015S",
        "--stall-threshold=2s, stallThreshold, PT2S",
        "--stall-threshold=off, stallThreshold, PT0S",
        "--stall-threshold=0, stallThreshold, PT0S",
        "--shutdown-grace=0.5, shutdownGrace, PT0.5S",
        "--shutdown-delay=12, shutdownDelay, PT12S",
        "--reactor-backend=epoll, reactorBackend, epoll",
        "--dns-server=192.0.2.53, dnsServers, [192.0.2.53]",
        "--buffer-memory=1234567, bufferMemory, 1234567",
        "--buffer-memory=512k, bufferMemory, 524288",
        "--buffer-memory=64M, bufferMemory, 67108864",
        "--buffer-memory=3g, bufferMemory, 3221225472",
    })
    void everyArgumentSetsItsOption(String argument, String option, String value)
            throws ReflectiveOperationException {
        Field field = RuntimeOptions.class.getDeclaredField(option);
        field.setAccessible(true);
        assertThat(field.get(parse(argument))).hasToString(value);
        assertThat(String.valueOf(field.get(parse()))).as("the default").isNotEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "--smp=two, --smp",
        "--shutdown-grace=soon, 'soon' is not a number of seconds",
        "--shutdown-grace=NaN, 'NaN' is not a number of seconds",
        "--stall-threshold=25, '25' is not a time such as 25ms or 1s",
        "--stall-threshold=-1ms, '-1ms' is not a time such as 25ms or 1s",
        "--stall-threshold=soon, --stall-threshold",
        "--thread-affinity=maybe, --thread-affinity",
        "--tso=maybe, --tso",
        "--task-quota-ms=quick, --task-quota-ms",
        "--buffer-memory=much, 'much' is not a size such as 64M",
        "--buffer-memory=-1, '-1' is not a size such as 64M",
        "--buffer-memory=999999999999999g, '999999999999999g' is too large",
    })
    void whatIsNoValueIsRefusedByName(String argument, String sentence) {
        assertThatThrownBy(() -> parse(argument))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "0, more than zero",
        "-0.5, more than zero",
        "NaN, more than zero",
        "1e-9, more than zero",
        "1000.1, at most 1000",
        "1e300, at most 1000",
        "Infinity, at most 1000",
    })
    void taskQuotaWithoutSenseIsRefused(String millis, String sentence) {
        RuntimeOptions options = parse("--task-quota-ms=" + millis);
        assertThatThrownBy(() -> Shards.start(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--task-quota-ms ")
                .hasMessageEndingWith(": must be " + sentence);
    }

    @Test
    void segmentationIsLeftToTheDeviceUnlessSwitchedOff() {
        assertThat(parse().device().tso()).isTrue();
        assertThat(parse("--tso=ON").device().tso()).isTrue();
        assertThat(parse("--tso=off").device().tso()).isFalse();
    }

    @Test
    void longGraceIsNotCutShort() throws ReflectiveOperationException {
        Field field = RuntimeOptions.class.getDeclaredField("shutdownGrace");
        field.setAccessible(true);
        assertThat(field.get(parse("--shutdown-grace=86400.25")))
                .isEqualTo(Duration.ofDays(1).plusMillis(250));
    }

    @Test
    void longPollIsNotCutShort() throws ReflectiveOperationException {
        Field field = RuntimeOptions.class.getDeclaredField("idlePollTime");
        field.setAccessible(true);
        assertThat(field.get(parse("--idle-poll-time-us=9223372036854775807")))
                .isEqualTo(Duration.of(Long.MAX_VALUE, ChronoUnit.MICROS));
    }

    @Test
    void helpNamesEveryOption() {
        String usage = new CommandLine(new RuntimeArguments()).getUsageMessage();
        assertThat(usage)
                .contains("--smp", "--cpuset", "--shutdown-grace", "--reactor-backend", "on|off");
    }

    private static RuntimeOptions parse(String... arguments) {
        RuntimeArguments parsed = new RuntimeArguments();
        new CommandLine(parsed).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
        return parsed.toOptions();
    }
}
