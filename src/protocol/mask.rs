//! Masking, RFC 6455 §5.3: XOR with a four-byte key, wherever in the frame the bytes stand.

/// XORs `bytes`, which stand at `offset` in their frame's payload, with the key. Masks and unmasks alike.
///
/// The bulk goes through eight-byte words in blocks that the compiler turns into the widest XOR the target
/// has; short payloads never enter that loop.
#[inline]
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4], offset: u64) {
    let mut key = key;
    key.rotate_left((offset % 4) as usize);
    let word = u64::from(u32::from_ne_bytes(key));
    let word = ((word << 32) | word).to_ne_bytes();
    let mut blocks = bytes.chunks_exact_mut(64);
    for block in &mut blocks {
        xor_words(block, word);
    }
    let mut words = blocks.into_remainder().chunks_exact_mut(8);
    for eight in &mut words {
        xor_words(eight, word);
    }
    for (byte, k) in words.into_remainder().iter_mut().zip(word) {
        *byte ^= k;
    }
}

/// XORs the few bytes of a payload with its key; true if they are all ASCII then.
#[inline(always)]
pub fn unmask_short(bytes: &mut [u8], key: [u8; 4]) -> bool {
    let half = u32::from_ne_bytes(key);
    let word = (u64::from(half) << 32) | u64::from(half);
    let mut seen = 0;
    let mut words = bytes.chunks_exact_mut(8);
    for eight in words.by_ref().filter_map(<[u8]>::first_chunk_mut) {
        let plain = u64::from_ne_bytes(*eight) ^ word;
        *eight = plain.to_ne_bytes();
        seen |= plain;
    }
    for (byte, k) in words.into_remainder().iter_mut().zip(word.to_ne_bytes()) {
        *byte ^= k;
        seen |= u64::from(*byte);
    }
    seen & 0x8080_8080_8080_8080 == 0
}

/// XORs a slice whose length is a multiple of eight.
#[inline(always)]
fn xor_words(bytes: &mut [u8], word: [u8; 8]) {
    let word = u64::from_ne_bytes(word);
    for eight in bytes.chunks_exact_mut(8) {
        if let Some(eight) = eight.first_chunk_mut::<8>() {
            *eight = (u64::from_ne_bytes(*eight) ^ word).to_ne_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_definition_at_every_length_and_offset() {
        let key = [0x12, 0x34, 0x56, 0x78];
        for len in (0..200).chain([1000, 4096, 4099]) {
            for offset in 0..9u64 {
                let plain: Vec<u8> = (0..len).map(|i| (i * 7) as u8).collect();
                let mut fast = plain.clone();
                apply_mask(&mut fast, key, offset);
                let slow: Vec<u8> = plain.iter().enumerate().map(|(i, b)| b ^ key[(i + offset as usize) % 4]).collect();
                assert_eq!(fast, slow, "length {len}, offset {offset}");
            }
        }
    }
}
