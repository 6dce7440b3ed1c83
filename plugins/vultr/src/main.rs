//! The module `vultr`: what it says of itself, its configuration and its functions. It must not know how it is served.

mod account;
mod catalogue;
mod client;
mod compute;
mod contract;
mod exchange;
mod pages;
mod patience;
mod refusals;
mod settings;
mod shapes;

use hub_sdk::{Context, Error, Info, Init, InvalidArgument, Module};

use account::Shared;
use contract::{Contract, IMPLEMENTED};
use exchange::Exchange;
use settings::{Configuration, Settings};

fn main() {
    module().run()
}

fn module() -> Module {
    let info = Info::new("vultr", env!("CARGO_PKG_VERSION")).license("Apache-2.0").author("The hub authors");
    let info = info.description("Servers of Vultr.").homepage("https://www.vultr.com/api/");
    let mut module = Module::new(info);
    module.permissions(["ask", "credentials"]);
    module.implements(IMPLEMENTED);
    module.on_init(begin);
    let contract = Contract::read();
    account::add(&mut module, &contract);
    compute::add(&mut module, &contract);
    catalogue::add(&mut module, &contract);
    module
}

async fn begin(_: Context, init: Init<Configuration>) -> Result<Shared, Error> {
    let settings = Settings::try_from(init.config)?;
    let refuse = |why| InvalidArgument::new("/base_url", format!("cannot use base_url: {why}"));
    let exchange = Exchange::new(settings.base.clone()).map_err(refuse)?;
    Ok(Shared { settings, exchange })
}

#[cfg(test)]
mod tests;
