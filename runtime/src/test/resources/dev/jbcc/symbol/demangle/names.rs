// SPDX-License-Identifier: Apache-2.0
// Functions whose symbols have all that Rust's names can have; DemanglerOracleTest compiles it.

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;

pub trait Area {
    fn area(&self) -> f64;
    fn twice(&self) -> f64 {
        self.area() * 2.0
    }
}

pub struct Square(pub f64);
pub struct Grid<T, const W: usize, const DEEP: bool>(pub [T; W]);
pub struct Letter<const C: char, const N: i32>;

impl Area for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}

impl<T: Clone + Debug, const W: usize, const DEEP: bool> Area for Grid<T, W, DEEP> {
    #[inline(never)]
    fn area(&self) -> f64 {
        self.0.iter().map(|cell| format!("{cell:?}").len()).sum::<usize>() as f64
    }
}

impl<const C: char, const N: i32> Letter<C, N> {
    #[inline(never)]
    pub fn show(&self) -> String {
        format!("{C}{N}")
    }
}

#[inline(never)]
fn generic<A: Display, B: ?Sized + Debug>(a: A, b: &B) -> String {
    let join = |separator: &str| format!("{a}{separator}{b:?}");
    join(", ")
}

#[inline(never)]
fn apply<F: Fn(&str) -> usize>(f: F) -> usize {
    f("text")
}

#[inline(never)]
fn pointers<T>(value: T) -> T {
    std::hint::black_box(value)
}

pub async fn waits(count: u32) -> u32 {
    let inner = async move { count + 1 };
    inner.await
}

pub mod größe {
    #[inline(never)]
    pub fn länge_des_wortes(wort: &str) -> usize {
        wort.chars().count()
    }

    pub mod 東京 {
        #[inline(never)]
        pub fn 駅<T>(_: T) -> usize {
            std::mem::size_of::<T>()
        }
    }
}

#[no_mangle]
pub fn names(traits: &dyn Area, more: Box<dyn Fn(i32) -> i32 + Send + 'static>) -> f64 {
    let grid = Grid::<u8, 3, true>([1, 2, 3]);
    let mut map: HashMap<String, Vec<Option<&'static str>>> = HashMap::new();
    map.entry(generic(1u64, "x")).or_default().push(Some("y"));
    generic('c', &[(1, 2.0f32)][..]);
    apply(|text| text.len() + größe::länge_des_wortes(text));
    apply(|text| größe::東京::駅(text));
    größe::東京::駅((1i8, [0u16; 4], "s"));
    pointers(names as fn(&dyn Area, Box<dyn Fn(i32) -> i32 + Send + 'static>) -> f64);
    pointers(None::<for<'a> fn(&'a str, &'a mut [u8]) -> &'a str>);
    pointers(None::<unsafe extern "C" fn(*const i8, *mut u8, ...) -> i32>);
    pointers::<Option<&dyn for<'a> Fn(&'a str) -> &'a str>>(None);
    pointers::<Option<Box<dyn Iterator<Item = (u8,)> + Send + Sync>>>(None);
    pointers::<Option<Pin<Box<dyn Future<Output = Result<(), String>>>>>>(None);
    let waiting: Pin<Box<dyn Future<Output = u32>>> = Box::pin(waits(map.len() as u32));
    drop(waiting);
    Letter::<'x', -5>.show().len() as f64 + Letter::<'\n', 70000>.show().len() as f64
        + grid.area() + grid.twice() + traits.area() + Square(1.0).twice() + more(1) as f64
}
