//! The fastest XOR in place that we can write for this machine by hand, and nothing but that: whole blocks, aligned.

/// How this machine does it.
pub fn name() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        return "AVX2";
    }
    "eight bytes at a time, widened by the compiler"
}

/// XORs the bytes, whose length is a multiple of 8, with the key.
#[inline(never)]
pub fn xor(bytes: &mut [u8], key: u64) {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() >= 128 && std::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        return unsafe { by_avx2(bytes, key) };
    }
    by_words(bytes, key);
}

#[inline(always)]
fn by_words(bytes: &mut [u8], key: u64) {
    for eight in bytes.chunks_exact_mut(8).filter_map(<[u8]>::first_chunk_mut) {
        *eight = (u64::from_ne_bytes(*eight) ^ key).to_ne_bytes();
    }
}

/// # Safety
/// The CPU has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn by_avx2(bytes: &mut [u8], key: u64) {
    use std::arch::x86_64::{__m256i, _mm256_load_si256, _mm256_set1_epi64x, _mm256_store_si256, _mm256_xor_si256};
    // SAFETY: any bytes are four integers.
    let (head, blocks, tail) = unsafe { bytes.align_to_mut::<[__m256i; 4]>() };
    by_words(head, key);
    for block in blocks {
        // SAFETY: the CPU has AVX2, and the pointers are to aligned integers of that size.
        unsafe {
            let key = _mm256_set1_epi64x(key as i64);
            let plain = std::array::from_fn::<_, 4, _>(|i| _mm256_xor_si256(_mm256_load_si256(&block[i]), key));
            for (place, plain) in block.iter_mut().zip(plain) {
                _mm256_store_si256(place, plain);
            }
        }
    }
    by_words(tail, key);
}
