//! Axes.

/// A round number at or above the greatest value, and the step between its marks: 1, 2 or 5 times a power of ten, whole.
pub(super) fn nice(most: f64) -> (f64, f64) {
    let most = if most.is_finite() { most.max(1.0) } else { 1.0 };
    let rough = most / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power).max(1.0);
    ((most / step).ceil() * step, step)
}

/// The marks from 0 up to the end.
pub(super) fn marks(end: f64, step: f64) -> Vec<f64> {
    (0..=10u32).map(|nth| f64::from(nth) * step).take_while(|at| *at <= end + step / 2.0).collect()
}
