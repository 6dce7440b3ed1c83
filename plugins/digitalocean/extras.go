// Owns the functions that only this service has: what it calls things, in its own words; must not know how pages are read.

package main

import (
	"context"
	"net/url"
	"slices"
	"strconv"
)

type shownDroplet struct {
	ID         int64    `json:"id" hub:"description=Its number."`
	Name       string   `json:"name" hub:"description=The name that its owner gave it."`
	Status     string   `json:"status" hub:"description=new, active, off or archive."`
	Region     string   `json:"region" hub:"description=The slug of its region."`
	Size       string   `json:"size" hub:"description=The slug of its size."`
	VCPUs      int64    `json:"vcpus" hub:"description=Virtual processors."`
	MemoryMiB  int64    `json:"memory_mib" hub:"description=Its memory."`
	DiskGiB    int64    `json:"disk_gib" hub:"description=Its disk."`
	Image      nullable `json:"image" hub:"description=What it was made from."`
	PublicIPv4 nullable `json:"public_ipv4" hub:"description=Where it is reached."`
	CreatedAt  nullable `json:"created_at" hub:"description=RFC 3339, UTC."`
	Tags       []string `json:"tags" hub:"description=Its tags."`
}

type size struct {
	Slug         string   `json:"slug" hub:"description=What size takes."`
	VCPUs        int64    `json:"vcpus" hub:"description=Virtual processors."`
	MemoryMiB    int64    `json:"memory_mib" hub:"description=Memory."`
	DiskGiB      int64    `json:"disk_gib" hub:"description=Disk."`
	PriceMonthly float64  `json:"price_monthly" hub:"description=In US dollars."`
	Available    bool     `json:"available" hub:"description=Whether droplets can have it now."`
	Regions      []string `json:"regions" hub:"description=The slugs of the regions that have it."`
}

type image struct {
	ID           int64    `json:"id" hub:"description=Its number, which image takes too."`
	Slug         nullable `json:"slug" hub:"description=What image takes; a snapshot has none."`
	Name         string   `json:"name" hub:"description=For people."`
	Distribution string   `json:"distribution" hub:"description=The operating system."`
	Regions      []string `json:"regions" hub:"description=The slugs of the regions that have it."`
}

type ofRegion struct {
	Region string `json:"region,omitempty" hub:"minLength=1,description=Only those that this region has."`
}

type images struct {
	Region  string `json:"region,omitempty" hub:"minLength=1,description=Only those that this region has."`
	Private bool   `json:"private" hub:"default=false,description=Only the account's own."`
}

func (s *service) listDroplets(ctx context.Context, in chosen) ([]shownDroplet, error) {
	return listed(ctx, s, droplets("list droplets", in), in.Limit, func(d droplet) shownDroplet {
		return shownDroplet{
			ID: d.ID, Name: d.Name, Status: d.Status, Region: d.Region.Slug, Size: d.SizeSlug, VCPUs: d.VCPUs, MemoryMiB: d.Memory,
			DiskGiB: d.Disk, Image: d.image(), PublicIPv4: d.publicIPv4(), CreatedAt: utc(d.CreatedAt), Tags: d.Tags,
		}
	})
}

func (s *service) listSizes(ctx context.Context, in ofRegion) ([]size, error) {
	type answered struct {
		Slug         string   `json:"slug"`
		VCPUs        int64    `json:"vcpus"`
		Memory       int64    `json:"memory"`
		Disk         int64    `json:"disk"`
		PriceMonthly float64  `json:"price_monthly"`
		Available    bool     `json:"available"`
		Regions      []string `json:"regions"`
	}
	sizes := list[answered]{doing: "list sizes", path: "/v2/sizes", word: "sizes", key: func(a answered) string { return a.Slug }}
	sizes.keep = func(a answered) bool { return isIn(in.Region, a.Regions) }
	return listed(ctx, s, sizes, 0, func(a answered) size {
		return size{a.Slug, a.VCPUs, a.Memory, a.Disk, a.PriceMonthly, a.Available, a.Regions}
	})
}

func (s *service) listImages(ctx context.Context, in images) ([]image, error) {
	type answered struct {
		ID           int64    `json:"id"`
		Slug         string   `json:"slug"`
		Name         string   `json:"name"`
		Distribution string   `json:"distribution"`
		Regions      []string `json:"regions"`
	}
	found := list[answered]{
		doing: "list images", path: "/v2/images", word: "images",
		key:  func(a answered) string { return strconv.FormatInt(a.ID, 10) },
		keep: func(a answered) bool { return isIn(in.Region, a.Regions) },
	}
	if in.Private {
		found.query = url.Values{"private": {"true"}}
	}
	return listed(ctx, s, found, 0, func(a answered) image {
		return image{a.ID, nullable(a.Slug), a.Name, a.Distribution, a.Regions}
	})
}

// isIn is whether a region is one of them; no region is in all.
func isIn(region string, regions []string) bool {
	return region == "" || slices.Contains(regions, region)
}
