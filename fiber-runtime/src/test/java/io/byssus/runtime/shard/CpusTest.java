package io.byssus.runtime.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpusTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0 | 0",
                "0-3,6 | 0 1 2 3 6 | 0-3,6",
                "6,0-3 | 0 1 2 3 6 | 0-3,6",
                "1-2,2-4,3 | 1 2 3 4 | 1-4",
                "5-5 | 5 | 5",
                "0, 2 | 0 2 | 0,2",
                "1023 | 1023 | 1023",
            })
    void listsAndRangesAreReadAndWritten(String text, String numbers, String canonical) {
        assertThat(
                        Cpus.parse(text).stream()
                                .mapToObj(Integer::toString)
                                .collect(Collectors.joining(" ")))
                .isEqualTo(numbers);
        assertThat(Cpus.format(Cpus.parse(text))).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "x",
                "1,,2",
                "3-1",
                "-1",
                "1-",
                "0-1024",
                "1024",
                "1.5",
                "0-3-6",
                "99999999999",
                "0x1"
            })
    void anythingElseIsRefusedInOneSentence(String text) {
        assertThatThrownBy(() -> Cpus.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--cpuset " + text + ": expected processor numbers such as 0-3,6");
    }
}
