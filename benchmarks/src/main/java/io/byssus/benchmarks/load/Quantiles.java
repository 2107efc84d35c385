package io.byssus.benchmarks.load;

import java.util.Arrays;
import java.util.List;

/** Quantiles of a few figures. */
final class Quantiles {
    private Quantiles() {}

    /** The figure below which {@code part} of them lie, the nearest one. */
    static double of(double[] figures, double part) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(part * (sorted.length - 1))];
    }

    static double median(double[] figures) {
        return of(figures, 0.5);
    }

    static double median(List<Double> figures) {
        return median(figures.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** One list's elements divided by the other's. */
    static double[] ratios(List<Double> numerators, List<Double> denominators) {
        double[] ratios = new double[numerators.size()];
        Arrays.setAll(ratios, i -> numerators.get(i) / denominators.get(i));
        return ratios;
    }
}
