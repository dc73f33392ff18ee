//! Structs that the host and the library pass to each other, in the size that each of them knows.

use super::control;
use earwig_core::types::{Error, Status};
use std::ffi::c_char;
use std::mem::MaybeUninit;
use zeroize::Zeroizing;

/// Largest accepted `struct_size`, bytes: no struct will grow beyond it.
const STRUCT_MAX: usize = 4096;

/// A struct of the C API: plain data whose first field is its size in the host's header.
///
/// # Safety
/// `repr(C)`, the first field is `struct_size: usize`, all zeros is a valid value, `FIELDS` has the offset of each field, and
/// after `check` any bits in the other fields are valid (S4).
pub unsafe trait VersionedStruct: Copy {
    /// Offset of each field.
    const FIELDS: &'static [usize];

    /// Sets the first field.
    fn set_struct_size(&mut self, size: usize);

    /// Refuses numbers that are no values of their fields' enums.
    fn check(_raw: &MaybeUninit<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// The value of an enum with this number.
pub fn known<T>(name: &str, value: i32, from: fn(i32) -> Option<T>) -> Result<T, Error> {
    from(value).ok_or_else(|| Error::invalid(format!("{name} is {value}: there is no such")))
}

macro_rules! versioned {
    ($($name:ident { $($field:ident),+ $(; $($number:ident: $enum:ident),+)? })+) => {$(
        // SAFETY: S4: repr(C), struct_size comes first, and every field is an integer, a float, an enum with a zero, an
        // array of those, or a pointer; the enums of a struct that is read are named.
        unsafe impl $crate::capi::versioned_struct::VersionedStruct for $name {
            const FIELDS: &'static [usize] = {
                // Without `..`, so that no field can be forgotten.
                let _ = |this: Self| {
                    let Self { struct_size: _, $($field: _),+ } = this;
                };
                &[$(std::mem::offset_of!($name, $field)),+]
            };

            /// Sets the first field.
    fn set_struct_size(&mut self, size: usize) {
                self.struct_size = size;
            }

            $(fn check(raw: &std::mem::MaybeUninit<Self>) -> Result<(), earwig_core::types::Error> {
                let _ = |this: Self| { $(let _: $enum = this.$number;)+ };
                $({
                    let at = std::mem::offset_of!($name, $number);
                    // SAFETY: S4: the field is an enum of 32 bits, and its bytes were set.
                    let value = unsafe { raw.as_ptr().cast::<u8>().add(at).cast::<i32>().read_unaligned() };
                    $crate::capi::versioned_struct::known(stringify!($number).trim_start_matches("r#"), value, $enum::from_i32)?;
                })+
                Ok(())
            })?
        }
    )+};
}
pub(super) use versioned;

/// Reads the size of a host's struct. Accepts the sizes of older headers, which end where a field begins, and larger ones.
///
/// # Safety
/// `of` is NULL or points to 8 readable bytes (S3).
pub unsafe fn struct_room<T: VersionedStruct>(of: *const T) -> Result<usize, Error> {
    if of.is_null() {
        return Err(Status::ErrNull.into());
    }
    // SAFETY: S3: the first eight bytes are readable.
    let size = unsafe { of.cast::<usize>().read_unaligned() };
    let known = (size_of::<T>()..=STRUCT_MAX).contains(&size) || T::FIELDS.contains(&size);
    if known {
        Ok(size)
    } else {
        Err(Status::ErrSize.into())
    }
}

/// Reads a host's struct. A shorter one is extended by zeros; a longer one must end in zeros.
///
/// # Safety
/// `from` is NULL or points to as many readable bytes as its `struct_size` says, 8 at least (S3).
pub unsafe fn read_struct<T: VersionedStruct>(from: *const T) -> Result<T, Error> {
    // SAFETY: S3, as the caller promises.
    let size = unsafe { struct_room(from) }?;
    // SAFETY: S3: `size` bytes are readable.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), size) };
    let known = size.min(size_of::<T>());
    if bytes[known..].iter().any(|&b| b != 0) {
        return Err(Status::ErrSize.into());
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: it has room for `known` bytes.
    unsafe {
        value
            .as_mut_ptr()
            .cast::<u8>()
            .copy_from_nonoverlapping(bytes.as_ptr(), known);
    }
    T::check(&value)?;
    // SAFETY: S4: zeros are valid, the enums are values of theirs, and any bits are valid in all other fields.
    Ok(unsafe { value.assume_init() })
}

/// Writes a host's struct up to its size; bytes that this library does not know become 0.
///
/// # Safety
/// `to` is NULL or points to as many writable bytes as its `struct_size` says, 8 at least (S3).
pub unsafe fn write_struct<T: VersionedStruct>(to: *mut T, mut value: T) -> Result<(), Error> {
    // SAFETY: S3, as the caller promises.
    let size = unsafe { struct_room(to) }?;
    value.set_struct_size(size);
    let known = size.min(size_of::<T>());
    // SAFETY: S3: `size` bytes are writable, and the value is no longer than `known` bytes here.
    unsafe {
        to.cast::<u8>()
            .copy_from_nonoverlapping((&raw const value).cast::<u8>(), known);
        to.cast::<u8>().add(known).write_bytes(0, size - known);
    }
    Ok(())
}

/// Writes a whole struct of the host, its size included.
///
/// # Safety
/// `to` is NULL or points to a writable `T` (S3).
pub unsafe fn init_struct<T: VersionedStruct>(to: *mut T, mut value: T) -> Status {
    control(|| {
        if to.is_null() {
            return Err(Status::ErrNull.into());
        }
        value.set_struct_size(size_of::<T>());
        // SAFETY: S3: writable and not NULL.
        unsafe { to.write_unaligned(value) };
        Ok(())
    })
}

/// The text in an array of a struct.
pub fn array_text(name: &str, array: &[c_char]) -> Result<Zeroizing<String>, Error> {
    let length = array.iter().position(|&c| c == 0);
    let length =
        length.ok_or_else(|| Error::invalid(format!("{name}: it has no NUL at its end")))?;
    let bytes = array[..length].iter().map(|&c| c as u8).collect();
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|_| Error::invalid(format!("{name}: it is not UTF-8")))
}
